import { openTracker } from '../../src/index.ts';
import { START } from '../home-data.ts';

/** Leaves without ending its run. */
const run = openTracker({ home: process.argv[2]! }).startRun(START);
run.log({ 'train/loss': 0.5 }, { step: 1 });
process.exit(3);
