import { removeFolder } from '@atelier/tracker/testing/home';
import { createApp } from '@atelier/dashboard';
import { madeDataset } from '@atelier/dashboard/testing/store';
import { openSweeps, openTracker, type Tracker } from '@atelier/tracker';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sweepStarter } from '../src/serve/sweep-starter.ts';
import { ENTRY } from '../src/terminal/entry.ts';

let home: string;
let objective: string;
let tracker: Tracker;

/** A real sweep of a function over a grid of six, a second each, interrupted after its first trial. */
async function pausedSweep(name: string, space: string): Promise<number> {
  const how = [`--space=${space}`, '--sampler=grid', '--workers=1', `--name=${name}`, '--quiet'];
  const child = spawn(process.execPath, [ENTRY, 'sweep', 'run', `--objective=${objective}`, ...how], {
    env: { ...process.env, ATELIER_HOME: home },
    stdio: 'ignore',
  });
  const sweeps = openSweeps(tracker);
  const done = (): number => sweeps.list().find((sweep) => sweep.name === name)?.counts.COMPLETE ?? 0;
  await expect.poll(done).toBeGreaterThan(0);
  child.kill('SIGINT');
  await once(child, 'exit');
  const { id, status } = sweeps.get(name);
  expect(status).toBe('PAUSED');
  expect(done()).toBeLessThan(6);
  return id;
}

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'atelier-resume-'));
  objective = join(home, 'objective.ts');
  writeFileSync(
    objective,
    `export default async ({ x }: { x: number }): Promise<number> => {
       await new Promise((resolve) => setTimeout(resolve, 1000));
       return x;
     };\n`,
  );
  tracker = openTracker({ home });
});
afterAll(() => {
  tracker.close();
  removeFolder(home);
});

function post(id: number): Promise<Response> {
  const app = createApp(tracker, () => Promise.resolve(madeDataset(10)), {
    write: () => tracker,
    startSweep: sweepStarter(home),
  });
  const headers = { host: '127.0.0.1:4317', 'content-type': 'application/json' };
  return Promise.resolve(app.request(`/api/sweeps/${id}/resume`, { method: 'POST', headers, body: '{}' }));
}

it('carries an interrupted sweep on, to its end', async () => {
  const id = await pausedSweep('interrupted', 'x=1..6:1');
  const response = await post(id);
  expect([response.status, await response.json()]).toEqual([200, { status: 'resumed' }]);
  // while it runs nobody else may
  const again = await post(id);
  expect([again.status, ((await again.json()) as { code: string }).code]).toEqual([409, 'SWEEP_RUNNING']);
  const sweeps = openSweeps(tracker);
  await expect.poll(() => sweeps.get(id).status).toBe('FINISHED');
  const trials = sweeps.trials(id);
  expect(trials.map(({ state }) => state)).toEqual(Array.from({ length: 6 }, () => 'COMPLETE'));
  expect(trials.map(({ values }) => values[0]).toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
  const late = await post(id);
  expect(((await late.json()) as { code: string }).code).toBe('SWEEP_FINISHED');
});

it('says what keeps a sweep from going on: its function has changed', async () => {
  const id = await pausedSweep('broken', 'x=11..16:1');
  writeFileSync(objective, 'export default 3;\n');
  const response = await post(id);
  const { code, message } = (await response.json()) as { code: string; message: string };
  expect([response.status, code]).toEqual([409, 'SWEEP_RESUME']);
  expect(message).toContain('code version: was');
});
