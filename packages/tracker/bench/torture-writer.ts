import { openTracker } from '../src/index.ts';

/** One writer of the torture: logs in bursts, flushes, and says after each flush what is stored for good. */
const [home, name, seconds, pause] = process.argv.slice(2);
using tracker = openTracker({
  home: home!,
  onWarning: ({ message }) => process.stdout.write(`warning ${message}\n`),
});
using run = tracker.startRun({ project: 'torture', name: name!, config: { writer: name! } });
process.stdout.write(`run ${run.id}\n`);
const until = Date.now() + Number(seconds) * 1000;
let step = 0;
let failed = 0;
while (Date.now() < until) {
  const burst = 1 + ((step * 7919) % 400);
  for (const end = step + burst; step < end; step++)
    run.log({ 'train/loss': Math.sin(step), count: step }, { step });
  // now and then the background thread stores, else this thread does
  if (step % 3 === 0 && Number(pause) > 0) await new Promise((resolve) => setTimeout(resolve, 600));
  if (run.flush()) process.stdout.write(`stored ${step}\n`);
  else failed++;
  await new Promise((resolve) => setTimeout(resolve, Number(pause)));
}
run.finish();
process.stdout.write(`finished ${step} ${failed}\n`);
