import { setTimeout } from 'node:timers/promises';
import { openTracker } from '../../src/index.ts';
import { START } from '../home-data.ts';

/** Logs one point every 5 ms and says so, until it is killed. */
const tracker = openTracker({ home: process.argv[2]! });
const run = tracker.startRun(START);
process.stdout.write(`run ${run.id}\n`);
for (let step = 1; ; step++) {
  run.log({ 'train/loss': 1 / step }, { step });
  process.stdout.write(`${step} ${Date.now()}\n`);
  await setTimeout(5);
}
