import { setTimeout } from 'node:timers/promises';
import { openSweeps, openTracker } from '../../src/index.ts';

/**
 * A worker of a sweep: claims trials until none waits, says "done <number>" after each; with `hang after` it stays in the
 * trial after so many until it is killed. `<home> <sweep> <name> <start> [<hang after>]`
 */
async function main(): Promise<void> {
  const [home, sweep, worker, start, hangAfter = 'Infinity'] = process.argv.slice(2);
  using tracker = openTracker({ home: home! });
  const sweeps = openSweeps(tracker);
  const { id } = sweeps.get(sweep!);
  await setTimeout(Math.max(0, Number(start) - Date.now()));
  for (let done = 0; ; done++) {
    const claim = sweeps.claim(id, { worker: worker!, leaseMs: 60_000 });
    if (claim === undefined) break;
    const { trial, token } = claim;
    sweeps.report(trial.id, token, { step: 1, value: trial.number });
    if (done === Number(hangAfter)) {
      process.stdout.write(`hangs in ${trial.number}\n`);
      await setTimeout(1 << 30);
    }
    sweeps.complete(trial.id, token, [trial.number]);
    process.stdout.write(`done ${trial.number}\n`);
  }
}

void main();
