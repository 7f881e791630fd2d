import { openTracker } from '../../src/index.ts';

/** Opens a tracker at a given moment, so that several processes meet. */
const [home, at] = process.argv.slice(2);
while (Date.now() < Number(at));
using tracker = openTracker({ home: home! });
process.stdout.write(`opened ${tracker.listRuns().length}`);
