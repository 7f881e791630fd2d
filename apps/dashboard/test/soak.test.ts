import { removeFolder } from '@atelier/tracker/testing/home';
import { mkdtempSync, readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionCount, openTracker, type Tracker } from '@atelier/tracker';
import type { Hono } from 'hono';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../src/index.ts';
import { describedRoutes } from '../src/server/routes/openapi.ts';
import { fillHostile } from './attack/hostile-home.ts';
import { PATHS } from './attack/paths.ts';
import { madeDataset } from './store.ts';

let home: string;
let tracker: Tracker;
let reader: Tracker;
let app: Hono;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'atelier-soak-'));
  tracker = openTracker({ home });
  await fillHostile(tracker);
  reader = openTracker({ home, readonly: true });
  app = createApp(reader, () => Promise.resolve(madeDataset(400)), { write: () => tracker });
});
afterAll(() => {
  reader.close();
  tracker.close();
  removeFolder(home);
});

async function askAll(): Promise<void> {
  for (const path of PATHS) {
    const response = await app.request(path, { headers: { host: '127.0.0.1' } });
    expect(response.status, path).toBe(path.endsWith('/diff') ? 404 : 200);
    if (path === '/api/events') await response.body!.cancel();
    else await response.arrayBuffer();
  }
}

/** Files of the home that this process has open. */
function openFiles(): string[] {
  const links = readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      return [readlinkSync(`/proc/self/fd/${name}`)];
    } catch {
      return [];
    }
  });
  return links.filter((link) => link.startsWith(home)).sort();
}

it('knows a path of every route that reads', () => {
  const asked = PATHS.map((path) => app.router.match('GET', path.split('?')[0]!)[0]);
  const routes = new Set(
    asked.flatMap((found) => found.map(([[, route]]) => `${route.method} ${route.path}`)),
  );
  const all = app.routes.filter(({ method, path }) => method === 'GET' && path.startsWith('/api/'));
  expect(all.length).toBeGreaterThan(describedRoutes(app.routes).size / 2);
  expect(all.filter(({ method, path }) => !routes.has(`${method} ${path}`)).map(({ path }) => path)).toEqual(
    [],
  );
});

it.runIf(process.platform === 'linux')('opens no file and no connection for a request', async () => {
  await askAll();
  const before = [connectionCount(), openFiles()];
  for (let round = 0; round < 2; round++) await askAll();
  expect([connectionCount(), openFiles()]).toEqual(before);
});

it('opens none for a change either', async () => {
  const send = (path: string, body: object) =>
    app.request(path, {
      method: 'POST',
      headers: { host: '127.0.0.1', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const { gates } = (await (await app.request('/api/models/bars')).json()) as { gates: { sha256: string }[] };
  const judge = { version: 1, alias: 'champion', gate: gates[0]!.sha256 };
  const rollBack = { alias: 'champion', by: 'ada', reason: 'why not' };
  const changeAll = async (): Promise<void> => {
    expect((await send('/api/models/bars/judge', judge)).status).toBeLessThan(500);
    expect((await send('/api/models/bars/rollback', rollBack)).status).toBeLessThan(500);
    expect((await send('/api/runs/trash', { ids: [2] })).status).toBe(200);
    expect((await send('/api/runs/restore', { ids: [2] })).status).toBe(200);
  };
  await changeAll();
  const before = connectionCount();
  await changeAll();
  expect(connectionCount()).toBe(before);
});
