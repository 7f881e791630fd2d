import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openSweeps, openTracker, type Sweeps } from '../src/index.ts';
import { makeHome, runChild, startChild } from './home.ts';

/** Queues so many trials in a sweep "s" with attempts to spare. */
function queue(sweeps: Sweeps, trials: number): number {
  const { id } = sweeps.create({ project: 'p', name: 's', spec: {}, codeVersion: 'c', maxAttempts: 20 });
  const lead = sweeps.lead(id, { owner: 'test', leaseMs: 600_000 });
  const starts = Array.from({ length: trials }, (_, x) => ({
    key: x.toString(16).padStart(64, '0'),
    parameters: { x },
    config: { x },
    seed: 0,
  }));
  sweeps.enqueue(id, lead, starts);
  return id;
}

const doneIn = (output: string): number[] =>
  [...output.matchAll(/^done (\d+)$/gm)].map(([, number]) => Number(number));

it('8 processes that claim at once get each trial once, and none is lost', async () => {
  const home = makeHome();
  using tracker = openTracker({ home });
  const sweeps = openSweeps(tracker);
  const trials = 400;
  const id = queue(sweeps, trials);
  const start = String(Date.now() + 3000);
  const children = await Promise.all(
    Array.from({ length: 8 }, (_, at) => runChild('work-sweep', home, 's', `w${at}`, start)),
  );
  expect(children.map(({ code }) => code)).toEqual(Array.from({ length: 8 }, () => 0));
  const done = children.flatMap(({ output }) => doneIn(output)).sort((a, b) => a - b);
  expect(done).toEqual(Array.from({ length: trials }, (_, number) => number));
  for (const { state, number, values, attempts, reports } of sweeps.trials(id, { reports: true }))
    expect({ state, values, attempts, reports }).toEqual({
      state: 'COMPLETE',
      values: [number],
      attempts: 1,
      reports: [{ step: 1, value: number }],
    });
}, 120_000);

function startWorker(home: string, name: string, hangAfter = Infinity) {
  const child = startChild('work-sweep', home, 's', name, '0', String(hangAfter));
  const ended = new Promise((resolve) => child.on('close', resolve));
  const worker = { name, child, ended, said: '' };
  child.stdout.on('data', (text) => (worker.said += String(text)));
  return worker;
}

it('workers killed with signal 9 lose no trial, and nothing finished is done again', async () => {
  const home = makeHome();
  using tracker = openTracker({ home });
  const sweeps = openSweeps(tracker);
  const trials = 300;
  const id = queue(sweeps, trials);
  // four that are killed with a trial in hand
  const victims = Array.from({ length: 4 }, (_, at) => startWorker(home, `victim${at}`, 3));
  for (const victim of victims) {
    while (!victim.said.includes('hangs in')) await setTimeout(5);
    victim.child.kill('SIGKILL');
    await victim.ended;
  }
  expect(sweeps.get(id).counts).toMatchObject({ COMPLETE: 12, RUNNING: 4 });
  const finished = sweeps.trials(id).filter(({ state }) => state === 'COMPLETE');
  const back = sweeps.reclaim(id, { workers: victims.map(({ name }) => name) });
  expect(back.map(({ number }) => `hangs in ${number}`).sort()).toEqual(
    victims.map(({ said }) => said.trim().split('\n').at(-1)).sort(),
  );

  // one that is killed wherever it is, while others go on
  const workers = Array.from({ length: 3 }, (_, at) => startWorker(home, `worker${at}`));
  const unlucky = workers[0]!;
  let gone = false;
  void unlucky.ended.then(() => (gone = true));
  while (!gone && doneIn(unlucky.said).length === 0) await setTimeout(1);
  unlucky.child.kill('SIGKILL');
  await unlucky.ended;
  const again = sweeps.reclaim(id, { workers: [unlucky.name] });
  const all = [...victims, ...workers, startWorker(home, 'last')];
  await Promise.all(all.map(({ ended }) => ended));

  const end = sweeps.trials(id);
  expect(end.map(({ state, values }) => [state, values[0]])).toEqual(
    Array.from({ length: trials }, (_, number) => ['COMPLETE', number]),
  );
  for (const { number, ...before } of finished) expect(end[number]).toMatchObject(before);
  const done = all.flatMap(({ said }) => doneIn(said));
  expect(new Set(done).size).toBe(done.length);
  // a trial was claimed once, and once more for each time it was taken back
  const claims = end.reduce((sum, { attempts }) => sum + attempts, 0);
  expect(claims).toBe(trials + back.length + again.length);
}, 120_000);
