/**
 * Images a second of the seed CNN's training step (Adam, dropout, batch normalisation, real images) and of its inference,
 * on every engine that opens and on PyTorch where there is one, in turns within one run.
 *
 *   npx nx run engine:bench [--engines=onednn,onednn:bf16,tensorflow,wasm,cpu] [--python=python3] [--no-torch] [--configurations=...]
 *                           [--threads=2] [--batch=128] [--rounds=7] [--seconds=1] [--machine=name] [--json] [--dry]
 *
 * Each side is a process of its own that lives through the run; a round gives each the same time, and medians over the
 * rounds are compared. PyTorch is taken at its best of fp32 and bf16, NCHW and channels-last, eager and compiled. The result
 * is appended to benchmarks/results/<date>-<machine>.jsonl; --dry leaves that out. `cpu` is left out unless it is named: a
 * batch takes it minutes, so it gets 4 images.
 */
import { appendResult } from '@atelier/benchmarks';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Contender } from './contender.ts';
import type { Limits } from './native-meter.ts';

const { values: flags } = parseArgs({
  allowNegative: true,
  options: {
    engines: { type: 'string', default: 'onednn,onednn:bf16,tensorflow,wasm' },
    python: { type: 'string', default: 'python3' },
    torch: { type: 'boolean', default: true },
    configurations: { type: 'string' },
    threads: { type: 'string', default: String(availableParallelism()) },
    batch: { type: 'string', default: '128' },
    'inference-batch': { type: 'string', default: '500' },
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '1' },
    machine: { type: 'string' },
    dry: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const ROOT = resolve(import.meta.dirname, '../../../..');
const PACKAGE = resolve(import.meta.dirname, '../..');
const home = resolve(ROOT, process.env['ATELIER_HOME'] || '.atelier');
const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** An engine, or an engine and a precision: `onednn:bf16`. */
function engineContender(name: string): Contender {
  const batch = name === 'cpu' ? 4 : Number(flags.batch);
  const [engine, precision = 'fp32'] = name.split(':');
  const options = [
    `--engine=${engine}`,
    `--precision=${precision}`,
    `--threads=${flags.threads}`,
    `--batch=${batch}`,
    `--home=${home}`,
  ];
  const inference = `--inference-batch=${name === 'cpu' ? 4 : flags['inference-batch']}`;
  const child = ['--import', 'tsx', join(import.meta.dirname, 'engine-child.ts')];
  return new Contender(name, batch, [process.execPath, ...child, ...options, inference], PACKAGE);
}

const CONFIGURATIONS = ['fp32', 'bf16'].flatMap((precision) =>
  ['nchw', 'channels-last'].flatMap((layout) =>
    ['eager', 'compile'].map((mode) => ({ name: `${precision}/${layout}/${mode}`, precision, layout, mode })),
  ),
);

function torchContender({ name, precision, layout, mode }: (typeof CONFIGURATIONS)[number]): Contender {
  const options = [
    ...[`--precision=${precision}`, `--layout=${layout}`, `--threads=${flags.threads}`],
    ...[`--batch=${flags.batch}`, `--inference-batch=${flags['inference-batch']}`],
    ...[`--dataset=${join(home, 'datasets', 'fashion-mnist')}`, ...(mode === 'compile' ? ['--compile'] : [])],
  ];
  const command = [flags.python, join(import.meta.dirname, 'torch_child.py'), ...options];
  return new Contender(`torch ${name}`, Number(flags.batch), command, PACKAGE);
}

/** Those that start; one after the other, so that none disturbs another's warming up. */
async function start(makers: readonly (() => Contender)[]): Promise<Contender[]> {
  const ready: Contender[] = [];
  for (const make of makers) {
    const contender = make();
    say(`starting ${contender.name} ...`);
    if (await contender.ready()) ready.push(contender);
    else {
      say(`  left out: ${contender.failure}`);
      contender.end();
    }
  }
  return ready;
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

interface Speed {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly rounds: number;
}

/** Images a second of each, measured in turns. */
async function measure(
  contenders: readonly Contender[],
  what: 'train' | 'infer',
): Promise<Map<string, Speed>> {
  const budget = Number(flags.seconds);
  const imagesOf = ({ name, batch }: Contender): number =>
    what === 'train' ? batch : name === 'cpu' ? 4 : Number(flags['inference-batch']);
  const steps = new Map<string, number>();
  for (const contender of contenders) {
    const once = await contender.seconds(what, 1);
    const each = once > budget ? once : (await contender.seconds(what, 3)) / 3;
    steps.set(contender.name, Math.max(1, Math.round(budget / each)));
  }
  const speeds = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const contender of contenders) {
      const count = steps.get(contender.name)!;
      const mine = speeds.get(contender.name)!;
      // a step of more than three budgets: three rounds are enough
      if (mine.length >= 3 && imagesOf(contender) / median(mine) > 3 * budget) continue;
      mine.push((imagesOf(contender) * count) / (await contender.seconds(what, count)));
    }
    say(`${what}: round ${round + 1} of ${flags.rounds}`);
  }
  return new Map(
    [...speeds].map(([name, all]) => [
      name,
      { median: median(all), least: Math.min(...all), most: Math.max(...all), rounds: all.length },
    ]),
  );
}

/** The fastest PyTorch of those that the filter keeps. */
function bestTorch(speeds: ReadonlyMap<string, Speed>, prefix: string): [string, Speed] | undefined {
  return [...speeds]
    .filter(([name]) => name.startsWith(prefix))
    .sort(([, a], [, b]) => b.median - a.median)[0];
}

function printSpeeds(title: string, speeds: ReadonlyMap<string, Speed>): void {
  const best = bestTorch(speeds, 'torch ');
  console.log(`\n${title.padEnd(34)} images/s   least    most  ${best ? `ratio to ${best[0]}` : ''}`);
  for (const [name, speed] of [...speeds].sort(([, a], [, b]) => b.median - a.median)) {
    const numbers = [speed.median, speed.least, speed.most].map((n) => n.toFixed(n < 10 ? 2 : 0).padStart(8));
    console.log(
      `  ${name.padEnd(32)} ${numbers.join('')}  ${best ? (speed.median / best[1].median).toFixed(2) : ''}`,
    );
  }
}

function printLimits(limits: Limits): void {
  console.log(
    `\nonednn's step: ${limits.stepMs.toFixed(1)} ms for ${limits.stepGigaflops.toFixed(2)} Gflop and ` +
      `${limits.stepMegabytes.toFixed(0)} MB. This machine: ${limits.peakGigaflopsPerSecond.toFixed(0)} Gflop/s in fp32, ` +
      `${limits.gigabytesPerSecond.toFixed(1)} GB/s, so ${limits.limitMs.toFixed(1)} ms at least if every operation ran at ` +
      'its limit and by its definition.',
  );
  console.log(`  ${'operation'.padEnd(28)}calls      ms   share    Gflop       MB  limit ms`);
  for (const one of limits.operations) {
    const numbers = [
      ...[
        String(one.calls).padStart(5),
        one.ms.toFixed(2).padStart(8),
        `${(one.share * 100).toFixed(1)} %`.padStart(8),
      ],
      ...[
        one.gigaflops.toFixed(3).padStart(9),
        one.megabytes.toFixed(1).padStart(9),
        one.limitMs.toFixed(2).padStart(10),
      ],
    ];
    console.log(`  ${one.name.padEnd(28)}${numbers.join('')}`);
  }
}

/** A name for the results' file: the processor without its marketing, and the cores. */
function machineName(): string {
  if (flags.machine) return flags.machine;
  const model = (cpus()[0]?.model ?? 'unknown').toLowerCase();
  const brand = /epyc|xeon|ryzen|core|apple m\d+|neoverse/.exec(model)?.[0] ?? 'cpu';
  return `${brand.replace(' ', '-')}-${availableParallelism()}-cores`;
}

const loadAtStart = loadavg()[0]!;
const wanted = flags.configurations?.split(',');
const configurations = CONFIGURATIONS.filter(({ name }) => wanted === undefined || wanted.includes(name));
if (wanted && configurations.length !== wanted.length)
  throw new Error(`--configurations: some of ${CONFIGURATIONS.map(({ name }) => name).join(', ')} expected`);
const contenders = await start([
  ...flags.engines.split(',').map((name) => () => engineContender(name)),
  ...(flags.torch ? configurations.map((configuration) => () => torchContender(configuration)) : []),
]);
if (contenders.length === 0) throw new Error('nothing to measure: no engine opened');
const train = await measure(contenders, 'train');
const infer = await measure(contenders, 'infer');
const native = contenders.find(({ name }) => name === 'onednn');
const { limits } = ((await native?.ask('limits')) ?? {}) as { limits?: Limits };
contenders.forEach((contender) => contender.end());

const onednn = train.get('onednn')?.median;
const onednnBf16 = train.get('onednn:bf16')?.median;
const [best, best32] = [bestTorch(train, 'torch '), bestTorch(train, 'torch fp32')];
const result = {
  benchmark: 'compare',
  command: `npx nx run engine:bench ${process.argv
    .slice(2)
    .filter((flag) => !flag.startsWith('--python'))
    .join(' ')}`.trim(),
  machine: `${cpus()[0]?.model}, ${availableParallelism()} cores, ${process.platform} ${process.arch}`,
  threads: Number(flags.threads),
  batch: Number(flags.batch),
  inferenceBatch: Number(flags['inference-batch']),
  loadBefore: loadAtStart,
  versions: Object.fromEntries(contenders.map(({ name, hello }) => [name, hello!.version])),
  trainImagesPerSecond: Object.fromEntries(train),
  inferImagesPerSecond: Object.fromEntries(infer),
  ratios: {
    ...(onednn && onednnBf16 && { onednnBf16ToFp32: onednnBf16 / onednn }),
    ...(onednnBf16 && best && { onednnBf16ToBestTorch: onednnBf16 / best[1].median }),
    ...(onednn && best && { onednnToBestTorch: onednn / best[1].median, bestTorch: best[0] }),
    ...(onednn && best32 && { onednnToBestTorchFp32: onednn / best32[1].median, bestTorchFp32: best32[0] }),
  },
  ...(limits && { limits }),
};
if (flags.json) console.log(JSON.stringify(result, undefined, 2));
else {
  printSpeeds(`training, batch ${flags.batch}`, train);
  printSpeeds(`inference, batch ${flags['inference-batch']}`, infer);
  if (limits) printLimits(limits);
}
if (!flags.dry) {
  const file = appendResult(machineName(), result);
  say(`\nappended to ${relative(ROOT, file)}`);
}
process.exit(0);
