import { randomStream } from '@atelier/data';
import { openEngine, type EngineName } from '@atelier/engine';
import { buildClassifier } from '@atelier/model';
import { openTracker, type RunWriter } from '@atelier/tracker';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readRecipe } from '../src/recipe.ts';
import { parseConfig } from '../src/settings.ts';
import type { StepBatch } from '../src/step-batches.ts';
import { TrainStep } from '../src/train-step.ts';

const HELP = `What recording costs a training: steps of the seed CNN (batch 128, Adam, images of noise) with three numbers of every step
logged to a run, and without.

  npx tsx packages/train/bench/tracking.ts [--engine=auto] [--threads=2] [--pairs=400] [--watched] [--short] [--json]

Two measurements, each with a 95 % bootstrap interval, in percent of a step:
- slower: steps come in pairs, one logged and one not, in random order; the mean of the differences without the outer fifths. Both
  steps are of the same captured graph and a few milliseconds apart, so drifts of the machine are in neither.
- spent: what the tracker was seen to use, per step, while every step is logged (as many steps again, after the pairs): log()
  itself, its timers on the training thread, and processor time of the threads it started (Linux), as if each of these microseconds
  were taken from the training. In pairs the steps that are not logged pay for the work beside them too, which their difference
  cannot show; here it counts in full. What its threads used before, once and for all, is \`warmUpMs\`.

ATELIER_HOME says where native libraries lie. --watched: as if a page were open, for which points are stored the sooner.
--short: 60 pairs.`;

const { values: flags } = parseArgs({
  options: {
    engine: { type: 'string', default: 'auto' },
    threads: { type: 'string', default: '2' },
    pairs: { type: 'string' },
    watched: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(HELP);
  process.exit();
}
const pairs = Number(flags.pairs ?? (flags.short ? 60 : 400));
const [SIDE, COUNT] = [28, 128];
const STRETCHES = 20;
const random = randomStream(1, 'bench');

async function openStep() {
  const name = flags.engine as EngineName | 'auto';
  const engine = await openEngine({ name, threads: Number(flags.threads) });
  const config = parseConfig(readRecipe('seed-cnn'));
  const classifier = buildClassifier(config.model, { inputShape: [SIDE, SIDE, 1], classes: 10, seed: 1 });
  const batch: StepBatch = {
    images: {
      values: Float32Array.from({ length: COUNT * SIDE * SIDE }, () => random.uniform()),
      shape: [COUNT, SIDE, SIDE, 1],
    },
    labels: { values: Int32Array.from({ length: COUNT }, () => random.below(10)), shape: [COUNT] },
    count: COUNT,
  };
  return { engine, batch, trainStep: new TrainStep(classifier, config) };
}

/** Nanoseconds on a processor of each thread of this process; empty where the system does not say. */
function threadTimes(): Map<string, number> {
  const folder = '/proc/self/task';
  try {
    return new Map(
      readdirSync(folder).map((thread) => {
        const [onProcessor] = readFileSync(join(folder, thread, 'schedstat'), 'utf8').split(' ');
        return [thread, Number(onProcessor)];
      }),
    );
  } catch {
    return new Map();
  }
}

/** Starts a run whose timers are timed: `spent` grows by what they take. */
function startTimedRun(home: string) {
  const tracker = openTracker({ home, onWarning: ({ message }) => console.error(message) });
  const timers = { spentMs: 0 };
  const { setInterval } = globalThis;
  globalThis.setInterval = ((act: () => void, delay?: number) =>
    setInterval(() => {
      const began = performance.now();
      act();
      timers.spentMs += performance.now() - began;
    }, delay)) as typeof setInterval;
  const run = tracker.startRun({ project: 'bench', capture: { system: true } });
  globalThis.setInterval = setInterval;
  return { tracker, run, timers };
}

const { engine, batch, trainStep } = await openStep();
let at = 0;
/** What an open page does; not counted. */
let look = (): void => undefined;

/** Milliseconds of a step with all that follows it, and of it in log(). */
async function step(run: RunWriter | undefined): Promise<{ ms: number; logMs: number }> {
  look();
  const began = performance.now();
  const { loss, correct } = await trainStep.run(batch, { step: ++at, stepsPerEpoch: 1, learningRate: 0.001 });
  const computed = performance.now();
  if (run !== undefined) {
    const metrics = {
      'train/loss': loss,
      'train/accuracy': correct / COUNT,
      'train/imagesPerSecond': (1000 * COUNT) / (computed - began),
    };
    run.log(metrics, { step: at });
  }
  const logged = performance.now();
  await setImmediate(); // as training does: timers and messages come in
  return { ms: performance.now() - began, logMs: logged - computed };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function trimmedMean(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const cut = Math.floor(values.length / 5);
  return mean(sorted.slice(cut, values.length - cut));
}

/** A figure of a sample with its percentile bootstrap interval. */
function bootstrapped(values: readonly number[], figure: (of: readonly number[]) => number) {
  const again = Array.from({ length: 2000 }, () =>
    figure(values.map(() => values[random.below(values.length)]!)),
  ).sort((a, b) => a - b);
  return { percent: figure(values), low: again[50]!, high: again[1949]! };
}

// the engine's threads come with the first steps
for (let warm = 0; warm < 10; warm++) await step(undefined);
const alone = new Set(threadTimes().keys());
const records = mkdtempSync(join(tmpdir(), 'atelier-tracking-'));
const { tracker, run, timers } = startTimedRun(records);
if (flags.watched) look = () => tracker.attend();
// the tracker's thread needs a moment, the step a few rounds
for (let warm = 0; warm < 30; warm++) {
  await step(run);
  await setTimeout(100);
}
const theirs = (): number =>
  [...threadTimes()].reduce((sum, [thread, time]) => (alone.has(thread) ? sum : sum + time / 1e6), 0);

const off: number[] = [];
const differences: number[] = [];
for (let pair = 0; pair < pairs; pair++) {
  const logFirst = random.below(2) === 1;
  const one = await step(logFirst ? run : undefined);
  const two = await step(logFirst ? undefined : run);
  const [on, without] = logFirst ? [one, two] : [two, one];
  differences.push(on.ms - without.ms);
  off.push(without.ms);
}
// their start, and what V8 compiles until it has seen the code often enough
const warmUpMs = theirs();
/** Per stretch of logged steps, milliseconds a step: log(), timers, the tracker's threads. */
const stretches: { log: number; timers: number; threads: number }[] = [];
for (let stretch = 0; stretch < STRETCHES; stretch++) {
  const count = Math.ceil((2 * pairs) / STRETCHES);
  const before = { timers: timers.spentMs, threads: theirs() };
  let log = 0;
  for (let logged = 0; logged < count; logged++) log += (await step(run)).logMs;
  stretches.push({
    log: log / count,
    timers: (timers.spentMs - before.timers) / count,
    threads: (theirs() - before.threads) / count,
  });
}
run.finish();
tracker.close();
rmSync(records, { recursive: true, force: true });

const stepMs = off.toSorted((a, b) => a - b)[off.length >> 1]!;
const percent = (ms: number): number => (100 * ms) / stepMs;
const part = (of: keyof (typeof stretches)[number]): number => mean(stretches.map((each) => each[of]));
const result = {
  benchmark: 'tracking',
  machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`,
  loadAverage: loadavg()[0],
  watched: flags.watched,
  engine: engine.name,
  threads: engine.threads,
  pairs,
  stepMs,
  slower: bootstrapped(differences.map(percent), trimmedMean),
  spent: bootstrapped(
    stretches.map((each) => percent(each.log + each.timers + each.threads)),
    mean,
  ),
  spentMicroseconds: {
    log: 1000 * part('log'),
    timers: 1000 * part('timers'),
    threads: alone.size > 0 ? 1000 * part('threads') : undefined,
  },
  warmUpMs,
};
console.log(flags.json ? JSON.stringify(result) : result);
process.exit();
