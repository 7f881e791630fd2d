import { removeFolder } from '@atelier/tracker/testing/home';
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { openTracker, type Tracker } from '@atelier/tracker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../src/index.ts';
import { madeDataset, record, labels, addRun } from './store.ts';

const WEB = fileURLToPath(new URL('../dist/web', import.meta.url));

let home: string;
let tracker: Tracker;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'atelier-assets-'));
  tracker = openTracker({ home });
  addRun(tracker, { name: 'a', seed: 1, accuracy: 0.7 }, record({ val: labels(200), test: labels(400) }));
});
afterAll(() => {
  tracker.close();
  removeFolder(home);
});

function app(host?: string) {
  const options = { webRoot: WEB, ...(host !== undefined && { host }) };
  return createApp(tracker, () => Promise.resolve(madeDataset(400)), options);
}

const taking = (encoding: string) => ({ headers: { 'accept-encoding': encoding } });

it('sends built files compressed to whoever takes that, to be kept for good', async () => {
  const script = readdirSync(join(WEB, 'assets')).find((name) => /^index-.*\.js$/.test(name))!;
  const bytes = readFileSync(join(WEB, 'assets', script));
  const decode = { gzip: gunzipSync, br: brotliDecompressSync };
  for (const encoding of ['gzip', 'br'] as const) {
    const answer = await app().request(`/assets/${script}`, taking(encoding));
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-encoding': encoding,
      vary: 'Accept-Encoding',
      'cache-control': expect.stringContaining('immutable'),
      'content-type': expect.stringContaining('javascript'),
    });
    const sent = Buffer.from(await answer.arrayBuffer());
    expect(sent.length).toBeLessThan(bytes.length / 2);
    expect(decode[encoding](sent).equals(bytes)).toBe(true);
  }
  const plain = await app().request(`/assets/${script}`);
  expect(plain.headers.get('content-encoding')).toBeNull();
  expect(Buffer.from(await plain.arrayBuffer()).equals(bytes)).toBe(true);
});

it('has the page itself asked for anew each time', async () => {
  for (const path of ['/', '/runs/1', '/sweeps']) {
    const answer = await app().request(path);
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(await answer.text()).toBe(readFileSync(join(WEB, 'index.html'), 'utf8'));
  }
});

it('compresses answers for other machines, events never', async () => {
  const near = await app().request('/api/runs/1', taking('gzip'));
  expect(near.headers.get('content-encoding')).toBeNull();
  const away = await app('0.0.0.0').request('/api/runs/1', taking('gzip'));
  expect(away.headers.get('content-encoding')).toBe('gzip');
  expect(JSON.parse(gunzipSync(Buffer.from(await away.arrayBuffer())).toString())).toEqual(await near.json());
  const events = await app('0.0.0.0').request('/api/events', taking('gzip'));
  expect(events.headers.get('content-encoding')).toBeNull();
  await events.body?.cancel();
});
