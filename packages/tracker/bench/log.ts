import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openTracker, type RunWriter } from '../src/index.ts';

const HELP = `What logging costs the thread that trains.

  npx tsx packages/tracker/bench/log.ts [--short] [--json]

- burst: as fast as it goes, three numbers a call: each call timed.
- paced: a step of 1 ms of arithmetic, its speed, one call, one turn of the event loop: the call, and what else the thread loses.
- flush: points per second until they are stored.
Times contain two readings of the clock; empty... gives what these cost alone, net... is the difference of the means.
--json: in one line.`;

const { values: flags } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(HELP);
  process.exit();
}
const scale = flags.short ? 0.05 : 1;
const home = mkdtempSync(join(tmpdir(), 'atelier-bench-'));
const tracker = openTracker({ home, onWarning: ({ message }) => console.error(message) });
const start = () => tracker.startRun({ project: 'bench', config: { lr: 0.1 } });
const round = (value: number): number => Number(value.toPrecision(4));

function quantiles(nanoseconds: Float64Array) {
  const sorted = nanoseconds.slice().sort();
  const at = (q: number): number =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]! / 1000);
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length / 1000;
  return {
    calls: sorted.length,
    meanUs: round(mean),
    p50Us: at(0.5),
    p99Us: at(0.99),
    p999Us: at(0.999),
    maxUs: at(1),
  };
}

/** The numbers come from elsewhere, as a step's do; making the object of them is part of a call. */
function logOnce(run: RunWriter, step: number, loss: number, accuracy: number, speed: number): void {
  run.log(
    { 'train/loss': loss, 'train/accuracy': accuracy, 'train/imagesPerSecond': speed },
    { step, epoch: step / 430 },
  );
}

const LOSSES = Float64Array.from({ length: 1024 }, (_, step) => 1 / (step + 1));
const ACCURACIES = Float64Array.from({ length: 1024 }, (_, step) => Math.sin(step));

async function ready(run: RunWriter): Promise<void> {
  // the background thread needs a moment to start
  const until = Date.now() + 3000;
  for (let step = 0; Date.now() < until; step++) {
    run.log({ warm: step }, { step });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function burst(run: RunWriter, calls: number) {
  const times = new Float64Array(calls);
  for (let step = 0; step < calls; step++) {
    const loss = LOSSES[step & 1023]!;
    const accuracy = ACCURACIES[step & 1023]!;
    const before = process.hrtime.bigint();
    logOnce(run, step, loss, accuracy, step * 0.7);
    times[step] = Number(process.hrtime.bigint() - before);
  }
  return quantiles(times);
}

/** The clock itself costs something: what an empty call measures. */
function empty(calls: number) {
  const times = new Float64Array(calls);
  for (let step = 0; step < calls; step++) {
    const before = process.hrtime.bigint();
    times[step] = Number(process.hrtime.bigint() - before);
  }
  return quantiles(times);
}

let sink = 0;
function work(): void {
  const until = process.hrtime.bigint() + 1_000_000n;
  while (process.hrtime.bigint() < until) sink += Math.sqrt(sink + 1);
}

async function paced(run: RunWriter | undefined, steps: number) {
  const calls = new Float64Array(steps);
  const turns = new Float64Array(steps);
  let began = performance.now();
  for (let step = 0; step < steps; step++) {
    work();
    // a step that logs its speed has read the clock
    const ended = performance.now();
    const speed = 128_000 / (ended - began);
    began = ended;
    const loss = LOSSES[step & 1023]!;
    const accuracy = ACCURACIES[step & 1023]!;
    const before = process.hrtime.bigint();
    if (run !== undefined) logOnce(run, step, loss, accuracy, speed);
    const after = process.hrtime.bigint();
    await setImmediate();
    calls[step] = Number(after - before);
    turns[step] = Number(process.hrtime.bigint() - after);
  }
  return { call: quantiles(calls), eventLoopTurn: quantiles(turns) };
}

function flushRate(points: number) {
  const run = start();
  const begun = process.hrtime.bigint();
  for (let step = 0; step * 3 < points; step++)
    logOnce(run, step, 1 / (step + 1), Math.sin(step), step * 0.7);
  const logged = process.hrtime.bigint();
  if (!run.flush()) throw new Error('not stored');
  const stored = process.hrtime.bigint();
  run.finish();
  const seconds = (from: bigint, to: bigint): number => round(Number(to - from) / 1e9);
  return {
    points,
    logSeconds: seconds(begun, logged),
    storedSeconds: seconds(begun, stored),
    pointsPerSecond: Math.round(points / (Number(stored - begun) / 1e9)),
  };
}

const run = start();
await ready(run);
burst(run, 20_000);
run.flush();
const emptyCall = empty(200_000 * scale);
const inBurst = burst(run, Math.round(300_000 * scale));
const flushed = run.flush();
const emptyPaced = await paced(undefined, Math.round(20_000 * scale));
const inSteps = await paced(run, Math.round(20_000 * scale));
const result = {
  benchmark: 'tracker-log',
  machine: { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, loadAverage: loadavg() },
  emptyCall,
  burst: inBurst,
  netBurstMeanUs: round(inBurst.meanUs - emptyCall.meanUs),
  flushed,
  emptyPaced,
  paced: inSteps,
  netPacedMeanUs: round(inSteps.call.meanUs - emptyPaced.call.meanUs),
  flush: Array.from({ length: flags.short ? 1 : 5 }, () => flushRate(Math.round(3_000_000 * scale))),
};
run.finish();
tracker.close();
rmSync(home, { recursive: true, force: true });
console.log(JSON.stringify(result, undefined, flags.json ? undefined : 2));
