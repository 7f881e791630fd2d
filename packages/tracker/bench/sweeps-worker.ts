import { setTimeout } from 'node:timers/promises';
import { openSweeps, openTracker } from '../src/index.ts';

/** Claims, reports and completes until nothing waits: `sweeps-worker.ts <home> <sweep> <name> <start>`. */
const [home, sweep, worker, start] = process.argv.slice(2);
using tracker = openTracker({ home: home! });
const sweeps = openSweeps(tracker);
const { id } = sweeps.get(sweep!);
// all begin together, however long each took to load
await setTimeout(Math.max(0, Number(start) - Date.now()));
const began = Date.now();
const taken: number[] = [];
let busyMs = 0;
let worstMs = 0;
for (;;) {
  const from = performance.now();
  const claimed = sweeps.claim(id, { worker: worker!, leaseMs: 60_000 });
  if (claimed === undefined) break;
  const { trial, token } = claimed;
  sweeps.report(trial.id, token, { step: 1, value: trial.number });
  sweeps.complete(trial.id, token, [trial.number]);
  const took = performance.now() - from;
  busyMs += took;
  worstMs = Math.max(worstMs, took);
  taken.push(trial.number);
}
process.stdout.write(JSON.stringify({ began, ended: Date.now(), busyMs, worstMs, taken }));
