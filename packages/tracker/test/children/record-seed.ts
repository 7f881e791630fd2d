import { openTracker } from '../../src/index.ts';

/** A finished run of one seed, recorded with as little as a user of the tracker alone has to say. */
const seed = Number(process.argv[3]);
using tracker = openTracker({ home: process.argv[2]! });
using run = tracker.startRun({ project: 'alone', name: `seed-${seed}`, config: { seed, rate: 0.1 } });
run.log({ 'val/accuracy': 0.7 + seed / 100 }, { step: 1 });
run.finish();
