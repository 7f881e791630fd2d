/**
 * Our samplers and Optuna's on published functions: the best value after a budget of trials, over seeds; or, with --speed, the time of a
 * suggestion on a long history.
 */
import { appendResult } from '@atelier/benchmarks';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { holm } from '@atelier/metrics';
import { createSampler, SamplerSpec, type Objective, type Trial } from '../src/index.ts';
import { greaterP } from './mann-whitney.ts';
import { type TestFunction, testFunctions } from './samplers-functions.ts';
import { suggestionTimes } from './samplers-speed.ts';

const HELP = `npx tsx packages/search/bench/samplers.ts [options]
  --peer=FILE       JSON of peer_optuna.py: compares on the same functions, budget and number of seeds
  --trials=100      budget of a run           --seeds=20      runs of each
  --samplers=a,b    ${'tpe,tpe-multivariate,cma-es (also random, sobol, halton)'}
  --functions=a,b   all unless given
  --short           30 trials, 3 seeds, branin and mixed only
  --speed           milliseconds per suggestion with histories of 100, 1,000 and 10,000 trials
  --machine=NAME    appends the result, every run's best value included, to benchmarks/results/<date>-NAME.jsonl
  --json            JSON on stdout            --out=FILE      JSON to a file as well`;

const command = `npx tsx packages/search/bench/samplers.ts ${process.argv.slice(2).join(' ')}`;

const { values: options } = parseArgs({
  options: {
    peer: { type: 'string' },
    trials: { type: 'string' },
    seeds: { type: 'string' },
    samplers: { type: 'string' },
    functions: { type: 'string' },
    short: { type: 'boolean', default: false },
    speed: { type: 'boolean', default: false },
    machine: { type: 'string' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const SPECS: Record<string, SamplerSpec> = {
  tpe: SamplerSpec.parse({ kind: 'tpe', multivariate: false }),
  'tpe-multivariate': SamplerSpec.parse({ kind: 'tpe', multivariate: true }),
  'tpe-scott': SamplerSpec.parse({ kind: 'tpe', multivariate: true, bandwidth: 'scott' }),
  'cma-es': SamplerSpec.parse({ kind: 'cma-es' }),
  random: SamplerSpec.parse({ kind: 'random' }),
  sobol: SamplerSpec.parse({ kind: 'sobol' }),
  halton: SamplerSpec.parse({ kind: 'halton' }),
};

interface Peer {
  readonly optuna: string;
  readonly trials: number;
  readonly seeds: number;
  readonly probes: Record<string, { point: Record<string, string | number>; values: number[] }[]>;
  readonly results: Record<string, Record<string, number[]>>;
}

interface Line {
  readonly function: string;
  readonly sampler: string;
  readonly ours: readonly number[];
  readonly optuna?: readonly number[];
  /** Chance of ours being so much worse, were they equal; before and after Holm's correction over all lines. */
  pWorse?: number;
  pBetter?: number;
  pWorseHolm?: number;
}

function best(fn: TestFunction, spec: SamplerSpec, seed: number, trials: number): number {
  const objectives: Objective[] = Array.from({ length: fn.objectives }, (_, i) => ({
    metric: `f${i}`,
    direction: 'minimize',
  }));
  const sampler = createSampler(spec, { space: fn.space, objectives, seed });
  const history: Trial[] = [];
  for (let number = 0; number < trials; number++) {
    const parameters = sampler.suggest(history, number)!;
    history.push({ number, state: 'COMPLETE', parameters, values: fn.evaluate(parameters), reports: [] });
  }
  if (fn.reference === undefined) return Math.min(...history.map(({ values }) => values[0]!));
  return -area(
    history.map(({ values }) => values),
    fn.reference,
  );
}

/** The area that points of two losses dominate below the reference. */
function area(points: readonly (readonly number[])[], reference: readonly [number, number]): number {
  let [sum, low] = [0, reference[1]];
  for (const [a, b] of [...points].sort((p, q) => p[0]! - q[0]! || p[1]! - q[1]!) as [number, number][]) {
    if (a >= reference[0] || b >= low) continue;
    sum += (reference[0] - a) * (low - b);
    low = b;
  }
  return sum;
}

function checkProbes(peer: Peer, functions: readonly TestFunction[]): void {
  for (const { name, evaluate } of functions) {
    for (const { point, values } of peer.probes[name]!) {
      const ours = evaluate(point);
      const same = ours.every(
        (value, i) => Math.abs(value - values[i]!) <= 1e-9 * Math.max(1, Math.abs(value)),
      );
      if (!same)
        throw new Error(`${name} differs between the two sides: ${ours.join()} and ${values.join()}`);
    }
  }
}

function quartiles(values: readonly number[]): [number, number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (q: number): number => {
    const x = q * (sorted.length - 1);
    const low = Math.floor(x);
    return sorted[low]! + (x - low) * ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!);
  };
  return [at(0.25), at(0.5), at(0.75)];
}

function show(values: readonly number[]): string {
  const [low, middle, high] = quartiles(values).map((value) => value.toPrecision(4));
  return `${middle} [${low}, ${high}]`;
}

function print(line: Line): void {
  const peer = line.optuna === undefined ? '' : ` | Optuna ${show(line.optuna)}`;
  const p =
    line.pWorse === undefined
      ? ''
      : ` | p(worse) ${line.pWorse.toFixed(3)}, Holm ${line.pWorseHolm!.toFixed(3)}, p(better) ${line.pBetter!.toFixed(3)}`;
  console.log(`${line.function.padEnd(17)} ${line.sampler.padEnd(17)} ${show(line.ours)}${peer}${p}`);
}

function compare(): void {
  const peer =
    options.peer === undefined ? undefined : (JSON.parse(readFileSync(options.peer, 'utf8')) as Peer);
  const trials = Number(options.trials ?? (options.short ? 30 : (peer?.trials ?? 100)));
  const seeds = Number(options.seeds ?? (options.short ? 3 : (peer?.seeds ?? 20)));
  if (peer !== undefined && peer.trials !== trials)
    throw new Error(`the peer ran ${peer.trials} trials, not ${trials}`);
  const wanted = options.functions?.split(',') ?? (options.short ? ['branin', 'mixed'] : undefined);
  const functions = testFunctions().filter(({ name }) => wanted === undefined || wanted.includes(name));
  if (peer !== undefined) checkProbes(peer, functions);
  const lines: Line[] = [];
  for (const fn of functions) {
    for (const sampler of (options.samplers ?? 'tpe,tpe-multivariate,cma-es').split(',')) {
      const spec = SPECS[sampler]!;
      if (fn.only !== undefined && !fn.only.includes(spec.kind)) continue;
      const ours = Array.from({ length: seeds }, (_, seed) => best(fn, spec, seed, trials));
      const optuna = peer?.results[fn.name]?.[sampler];
      const line = { function: fn.name, sampler, ours };
      lines.push(
        optuna === undefined
          ? line
          : { ...line, optuna, pWorse: greaterP(ours, optuna), pBetter: greaterP(optuna, ours) },
      );
      if (!options.json) process.stderr.write(`${fn.name} ${sampler}\n`);
    }
  }
  const compared = lines.filter((line) => line.pWorse !== undefined);
  const corrected = holm(compared.map((line) => line.pWorse!));
  compared.forEach((line, i) => (line.pWorseHolm = corrected[i]!));
  const report = {
    benchmark: 'samplers',
    command,
    machine: cpus()[0]?.model,
    trials,
    seeds,
    optuna: peer?.optuna,
    lines,
  };
  if (options.machine !== undefined) appendResult(options.machine, report);
  if (options.out !== undefined) writeFileSync(options.out, JSON.stringify(report, null, 1));
  if (options.json) console.log(JSON.stringify(report));
  else lines.forEach(print);
}

if (options.help) console.log(HELP);
else if (options.speed) {
  const times = suggestionTimes(options.short);
  if (options.machine !== undefined)
    appendResult(options.machine, { benchmark: 'samplers-speed', command, times });
  if (options.out !== undefined) writeFileSync(options.out, JSON.stringify(times, null, 1));
  if (options.json) console.log(JSON.stringify(times));
  else console.table(times);
} else compare();
