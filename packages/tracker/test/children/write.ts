import { setTimeout } from 'node:timers/promises';
import { openTracker } from '../../src/index.ts';
import { START } from '../home-data.ts';

/** Logs `count` points in bursts; prints every warning. */
const [home, name, count] = process.argv.slice(2);
using tracker = openTracker({
  home: home!,
  onWarning: ({ message }) => process.stdout.write(`${message}\n`),
});
using run = tracker.startRun({ ...START, name: name! });
for (let step = 0; step < Number(count); step++) {
  run.log({ 'train/loss': step, 'train/accuracy': -step }, { step });
  if (step % 50 === 0) run.flush();
  if (step % 200 === 0) await setTimeout(1);
}
run.finish();
