import { removeFolder } from '@atelier/tracker/testing/home';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { openTracker, type Tracker } from '@atelier/tracker';
import type { Hono } from 'hono';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../src/index.ts';
import { describedRoutes } from '../src/server/routes/openapi.ts';
import { attacks, judgeAnswer, undeclared } from './attack/api-fuzz.ts';
import { fillHostile } from './attack/hostile-home.ts';
import { madeDataset } from './store.ts';

/** A few seconds in `npm test`; `nx run dashboard:attack` asks on for as many as ATTACK_SECONDS says. */
const SECONDS = Number(process.env['ATTACK_SECONDS'] ?? 0);
const SEED = Number(process.env['ATTACK_SEED'] ?? 20_261_201);

let home: string;
let writer: Tracker;
let reader: Tracker;
let app: Hono;
const failures: string[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'atelier-fuzz-'));
  writer = openTracker({ home });
  await fillHostile(writer);
  reader = openTracker({ home, readonly: true });
  app = createApp(reader, () => Promise.resolve(madeDataset(400)), {
    write: () => writer,
    startSweep: () => ({ ended: Promise.resolve(0), words: () => '' }),
    onFailure: (error) => failures.push(error.stack ?? error.message),
  });
});

afterAll(() => {
  reader.close();
  writer.close();
  removeFolder(home);
});

function report(asked: ReadonlyMap<string, number>): void {
  const total = [...asked.values()].reduce((sum, count) => sum + count, 0);
  const lines = [...asked].sort().map(([kind, count]) => `  ${kind}: ${count}`);
  process.stdout.write(`${total} requests, seed ${SEED}\n${lines.join('\n')}\n`);
}

it(
  'answers whatever its schemas allow, and whatever they do not, as its description says',
  async () => {
    const gates = (await (await app.request('/api/models/bars')).json()) as { gates: { sha256: string }[] };
    const known = {
      id: [1, 2, 3],
      digest: ['d'.repeat(64), 'e'.repeat(64)],
      name: ['bars'],
      path: ['layers.json', 'picture.svg'],
      model: ['bars'],
      gate: gates.gates.map(({ sha256 }) => sha256),
    };
    const asked = new Map<string, number>();
    const property = fc.asyncProperty(attacks(app, known), async (attack) => {
      failures.length = 0;
      const response = await app.request(attack.path, attack.init);
      const kind = `${attack.operation} ${response.status}`;
      asked.set(kind, (asked.get(kind) ?? 0) + 1);
      await judgeAnswer(attack, response);
      expect(failures).toEqual([]);
    });
    await fc.assert(property, {
      seed: SEED,
      ...(SECONDS > 0
        ? { numRuns: 1e9, interruptAfterTimeLimit: SECONDS * 1000, markInterruptAsFailure: false }
        : { numRuns: 400 }),
    });
    const operations = new Set([...asked.keys()].map((kind) => kind.replace(/ \d+$/, '')));
    expect(operations.size).toBe(describedRoutes(app.routes).size);
    if (SECONDS > 0) report(asked);
  },
  60_000 + SECONDS * 1000,
);

it('answers methods that a path does not declare with 405 and those that it does', async () => {
  const tried = undeclared(app);
  expect(tried.length).toBeGreaterThan(200);
  const answered = await Promise.all(
    tried.map(async ({ method, path }) => {
      const { status, headers } = await app.request(path, { method });
      return status === 405 && headers.get('allow')!.includes('OPTIONS')
        ? []
        : [`${status} ${method} ${path}`];
    }),
  );
  expect(answered.flat()).toEqual([]);
});

it('answers HEAD as GET without a body, and OPTIONS with the methods and nothing for other origins', async () => {
  const head = await app.request('/api/runs/1', { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  const origin = { origin: 'https://evil.example', 'access-control-request-method': 'PATCH' };
  const options = await app.request('/api/runs/1', { method: 'OPTIONS', headers: origin });
  expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, PATCH, HEAD, OPTIONS']);
  expect([...options.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  expect((await app.request('/api/nothing', { method: 'DELETE' })).status).not.toBe(405);
});
