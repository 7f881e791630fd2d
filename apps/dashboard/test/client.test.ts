import { removeFolder } from '@atelier/tracker/testing/home';
import { mkdtempSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTracker, type Tracker } from '@atelier/tracker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp, createClient, listen } from '../src/index.ts';
import { addRun, labels, madeDataset, record } from './store.ts';

const TOKEN = 'a-token-of-the-test';

let home: string;
let tracker: Tracker;
let server: Server;
let url: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'atelier-client-'));
  tracker = openTracker({ home });
  const dataset = record({ val: labels(200), test: labels(400) });
  addRun(tracker, { name: 'a', seed: 1, accuracy: 0.7 }, dataset);
  addRun(tracker, { name: 'b', seed: 2, accuracy: 0.95 }, dataset);
  const app = createApp(tracker, () => Promise.resolve(madeDataset(400)), { token: TOKEN });
  const host = '127.0.0.1';
  const served = await listen(app, { host, port: 0, orNext: false });
  server = served.server;
  url = `http://${host}:${served.port}`;
});
afterAll(() => {
  server.close();
  tracker.close();
  removeFolder(home);
});

it('asks a real server, and knows the types of its answers', async () => {
  const client = createClient(url, TOKEN);
  const run = await client.runs[':id'].$get({ param: { id: '2' } });
  expect(run.status).toBe(200);
  const { name } = await run.json();
  expect(name satisfies string).toBe('b');
  const compared = await client.compare.$get({ query: { a: '1', b: '2' } });
  const { outcome, verdict } = await compared.json();
  expect(outcome).toBe('better');
  expect(verdict[0]).toMatch(/^b is better than a/);
});

it('is refused without the token', async () => {
  expect((await createClient(url).runs[':id'].$get({ param: { id: '2' } })).status).toBe(401);
});
