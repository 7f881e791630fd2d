import { setTimeout } from 'node:timers/promises';
import { openTracker } from '../../src/index.ts';
import { START } from '../home-data.ts';

/** Logs in bursts and says after each flush how many steps are stored for good, until it is killed. */
const [home, name] = process.argv.slice(2);
using tracker = openTracker({ home: home! });
const run = tracker.startRun({ ...START, name: name! });
let step = 0;
for (let burst = 0; ; burst++) {
  for (const end = step + 50 + ((burst * 7919) % 9000); step < end; step++) {
    run.log({ 'train/loss': Math.sin(step), 'train/accuracy': step }, { step });
  }
  // every other burst the flush thread gets its turn first
  if (burst % 2 === 0) await setTimeout(150);
  if (run.flush()) process.stdout.write(`stored ${step}\n`);
}
