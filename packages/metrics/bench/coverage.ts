/**
 * How often the intervals hold the truth, and how often the tests cry wolf, by simulation.
 *
 *   npx tsx bench/coverage.ts            minutes
 *   npx tsx bench/coverage.ts --short    seconds: what the tests run
 */
import { fileURLToPath } from 'node:url';
import {
  bootstrapRuns,
  compareSeeds,
  mcnemar,
  type PairedTable,
  sfc32,
  samplesNeeded,
  summarizeSeeds,
  tangoInterval,
  wilsonInterval,
} from '../src/index.ts';

type Uniform = () => number;

/** A finding of the simulation: how often something happened, and how often it should. */
export interface Rate {
  readonly name: string;
  readonly rate: number;
  readonly trials: number;
  readonly wanted: number;
}

function normal(uniform: Uniform): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

function share(trials: number, happens: () => boolean): number {
  let times = 0;
  for (let trial = 0; trial < trials; trial++) if (happens()) times++;
  return times / trials;
}

function drawTable(uniform: Uniform, count: number, onlyA: number, onlyB: number): PairedTable {
  const table = { bothRight: 0, onlyA: 0, onlyB: 0, bothWrong: 0 };
  for (let i = 0; i < count; i++) {
    const at = uniform();
    if (at < onlyA) table.onlyA++;
    else if (at < onlyA + onlyB) table.onlyB++;
    else if (at < onlyA + onlyB + 0.03) table.bothWrong++;
    else table.bothRight++;
  }
  return table;
}

const within = (value: number, { low, high }: { low: number; high: number }): boolean =>
  low <= value && value <= high;

/** McNemar under the null, and Tango's interval of a difference, from the same tables. */
export function pairedRates(trials: number, uniform: Uniform): Rate[] {
  const rates: Rate[] = [];
  const add = (name: string, wanted: number, happens: () => boolean) =>
    rates.push({ name, wanted, trials, rate: share(trials, happens) });
  for (const [count, discordance] of [
    [50, 0.2],
    [200, 0.1],
    [1000, 0.05],
    [10_000, 0.03],
  ] as const) {
    const half = discordance / 2;
    const what = `n = ${count}, ${discordance * 100} % discordant`;
    const draw = () => drawTable(uniform, count, half, half);
    add(`McNemar exact: false positives, ${what}`, 0.05, () => mcnemar(draw()).exact <= 0.05);
    add(`McNemar mid-p: false positives, ${what}`, 0.05, () => mcnemar(draw()).midP <= 0.05);
    add(`Tango: holds 0, ${what}`, 0.95, () => within(0, tangoInterval(draw())));
    const delta = discordance / 3;
    const apart = () => drawTable(uniform, count, half - delta / 2, half + delta / 2);
    add(`Tango: holds ${(100 * delta).toFixed(1)} points, ${what}`, 0.95, () =>
      within(delta, tangoInterval(apart())),
    );
  }
  const needed = samplesNeeded(0.01, 0.04);
  add(`McNemar mid-p: power at the ${needed} samples said to be needed for 0.8`, 0.8, () => {
    return mcnemar(drawTable(uniform, needed, 0.015, 0.025)).midP <= 0.05;
  });
  return rates;
}

/** Wilson's interval of one share. */
export function wilsonRates(trials: number, uniform: Uniform): Rate[] {
  return (
    [
      [20, 0.9],
      [100, 0.5],
      [1000, 0.92],
    ] as const
  ).map(([count, truth]) => ({
    name: `Wilson: holds ${truth}, n = ${count}`,
    wanted: 0.95,
    trials,
    rate: share(trials, () => {
      let hits = 0;
      for (let i = 0; i < count; i++) if (uniform() < truth) hits++;
      return within(truth, wilsonInterval(hits, count));
    }),
  }));
}

/** Student's and Welch's intervals over seeds, and what is foretold of a new seed. */
export function seedRates(trials: number, uniform: Uniform): Rate[] {
  const draw = (count: number, mean: number, deviation: number) =>
    Array.from({ length: count }, () => mean + deviation * normal(uniform));
  const t = share(trials, () => within(0.91, summarizeSeeds(draw(5, 0.91, 0.003)).interval));
  const welch = share(trials, () =>
    within(0.002, compareSeeds(draw(5, 0.91, 0.003), draw(4, 0.912, 0.002)).interval),
  );
  const coming = share(trials, () => {
    const said = compareSeeds(draw(5, 0.91, 0.003), draw(4, 0.912, 0.002)).newSeeds;
    return within(draw(1, 0.912, 0.002)[0]! - draw(1, 0.91, 0.003)[0]!, said);
  });
  return [
    { name: 't interval: holds the mean, 5 seeds', rate: t, trials, wanted: 0.95 },
    { name: 'Welch: holds the difference, 5 and 4 seeds', rate: welch, trials, wanted: 0.95 },
    { name: 'prediction: holds B minus A of a new seed of each', rate: coming, trials, wanted: 0.95 },
  ];
}

const CLASSES = 3;

/** A made-up pair of models: what a sample is, and both rows of probabilities. */
function drawSample(uniform: Uniform): { label: number; a: number[]; b: number[] } {
  const label = Math.floor(uniform() * CLASSES);
  const hard = uniform();
  const answer = (skill: number): number[] => {
    const wrong = (label + 1 + Math.floor(uniform() * (CLASSES - 1))) % CLASSES;
    const top = hard * uniform() < skill ? label : wrong;
    const sure = 0.5 + 0.45 * uniform();
    return Array.from({ length: CLASSES }, (_, c) => (c === top ? sure : (1 - sure) / (CLASSES - 1)));
  };
  return { label, a: answer(0.45), b: answer(0.5) };
}

function drawRuns(uniform: Uniform, count: number) {
  const labels = new Uint8Array(count);
  const probabilitiesA = new Float64Array(count * CLASSES);
  const probabilitiesB = new Float64Array(count * CLASSES);
  for (let i = 0; i < count; i++) {
    const { label, a, b } = drawSample(uniform);
    labels[i] = label;
    probabilitiesA.set(a, i * CLASSES);
    probabilitiesB.set(b, i * CLASSES);
  }
  return { labels, probabilitiesA, probabilitiesB, classes: CLASSES };
}

/** Bootstrap intervals of differences; the truth is that of a very large sample. */
export function bootstrapRates(trials: number, uniform: Uniform, bootstraps: number, whole: number): Rate[] {
  const truth = bootstrapRuns(drawRuns(uniform, whole), { bootstraps: 100 });
  const metrics = ['accuracy', 'macroF1', 'logLoss'] as const;
  const kinds = ['percentile', 'bca'] as const;
  const held = new Map<string, number>();
  for (let trial = 0; trial < trials; trial++) {
    const found = bootstrapRuns(drawRuns(uniform, 200), { bootstraps, seed: trial });
    for (const metric of metrics) {
      for (const kind of kinds) {
        const key = `bootstrap ${kind}: holds the difference in ${metric}, n = 200`;
        const value = truth[metric]!.difference.estimate;
        const hit = within(value, found[metric]!.difference[kind]) ? 1 : 0;
        held.set(key, (held.get(key) ?? 0) + hit);
      }
    }
  }
  return [...held].map(([name, hits]) => ({ name, rate: hits / trials, trials, wanted: 0.95 }));
}

/** All simulations. @param scale 1 is the long form. */
export function coverage(scale: number, seed = 1): Rate[] {
  const bits = sfc32(seed);
  const uniform = (): number => bits() / 2 ** 32;
  const trials = Math.round(20_000 * scale);
  return [
    ...wilsonRates(trials, uniform),
    ...pairedRates(trials, uniform),
    ...seedRates(trials, uniform),
    ...bootstrapRates(trials / 4, uniform, scale === 1 ? 1000 : 200, scale === 1 ? 500_000 : 50_000),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const short = process.argv.includes('--short');
  for (const { name, rate, trials, wanted } of coverage(short ? 0.02 : 1)) {
    const spread = Math.sqrt((rate * (1 - rate)) / trials);
    console.log(
      `${name.padEnd(72)} ${rate.toFixed(4)} +- ${spread.toFixed(4)}  (wanted ${wanted.toFixed(4)}, ${trials} trials)`,
    );
  }
}
