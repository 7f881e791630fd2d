/**
 * Time of a two-run comparison: 10,000 samples, 10 classes, 2,000 bootstraps, everything in it.
 *
 *   npx tsx packages/metrics/bench/compare-runs.ts [--short] [--json]
 */
import { cpus, loadavg } from 'node:os';
import { bootstrapRuns, compareRuns, sfc32, verdict } from '../src/index.ts';

const [count, classes] = [10_000, 10];
if (process.argv.includes('--help')) {
  console.log(
    'npx tsx packages/metrics/bench/compare-runs.ts [--short: 5 rounds instead of 30] [--json: in one line]',
  );
  process.exit();
}
const json = process.argv.includes('--json');
const rounds = process.argv.includes('--short') ? 5 : 30;
const bits = sfc32(1);
const uniform = (): number => bits() / 2 ** 32;

const labels = Uint8Array.from({ length: count }, () => Math.floor(uniform() * classes));
function ledger(right: number): Float32Array {
  const probabilities = new Float32Array(count * classes);
  labels.forEach((label, i) => {
    const answer = uniform() < right ? label : Math.floor(uniform() * classes);
    const rest = 0.6 * uniform() ** 4;
    for (let c = 0; c < classes; c++) {
      probabilities[i * classes + c] = c === answer ? 1 - rest : (rest / (classes - 1)) * (0.5 + uniform());
    }
  });
  return probabilities.map((value) => Math.min(1, value));
}

const input = {
  labels,
  probabilitiesA: ledger(0.92),
  probabilitiesB: ledger(0.925),
  classNames: Array.from({ length: classes }, (_, c) => `class ${c}`),
};

interface Times {
  readonly medianMs: number;
  readonly processorMs: number;
  readonly leastMs: number;
  readonly firstMs: number;
  readonly mostMs: number;
}

function time(work: () => void): Times {
  const [wall, cpu]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    const start = performance.now();
    work();
    wall.push(performance.now() - start);
    const used = process.cpuUsage(before);
    cpu.push((used.user + used.system) / 1000);
  }
  const of = (values: number[], q: number): number =>
    Math.round([...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))]!);
  return {
    medianMs: of(wall, 0.5),
    processorMs: of(cpu, 0.5),
    leastMs: of(wall, 0),
    firstMs: Math.round(wall[0]!),
    mostMs: of(wall, 1),
  };
}

const result = {
  benchmark: 'compare-runs',
  machine: `${cpus()[0]!.model}, ${cpus().length} cores, Node ${process.version}`,
  loadAverage: loadavg()[0],
  rounds,
  compareRunsAndVerdict: time(() => verdict(compareRuns(input))),
  ofItBootstrap: time(() => bootstrapRuns({ ...input, classes })),
};
console.log(JSON.stringify(result, undefined, json ? undefined : 2));
