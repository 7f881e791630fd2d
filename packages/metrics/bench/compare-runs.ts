/**
 * Time of a two-run comparison: 10,000 samples, 10 classes, 2,000 bootstraps, everything in it.
 *
 *   npx tsx bench/compare-runs.ts [--short]
 */
import { cpus } from 'node:os';
import { bootstrapRuns, compareRuns, randomBits, verdict } from '../src/index.ts';

const [count, classes] = [10_000, 10];
const rounds = process.argv.includes('--short') ? 5 : 30;
const bits = randomBits(1);
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

function time(name: string, work: () => void): void {
  const [wall, cpu]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    const start = performance.now();
    work();
    wall.push(performance.now() - start);
    const used = process.cpuUsage(before);
    cpu.push((used.user + used.system) / 1000);
  }
  const of = (values: number[], q: number): string =>
    [...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))]!.toFixed(0);
  const first = `first ${wall[0]!.toFixed(0)}`;
  console.log(
    `${name.padEnd(28)} median ${of(wall, 0.5)} ms wall, ${of(cpu, 0.5)} ms processor; least ${of(wall, 0)}, ${first}, most ${of(wall, 1)}`,
  );
}

console.log(`${cpus()[0]!.model}, ${cpus().length} cores, Node ${process.version}, ${rounds} rounds`);
time('compareRuns and verdict', () => verdict(compareRuns(input)));
time('of it: bootstrap', () => bootstrapRuns({ ...input, classes }));
