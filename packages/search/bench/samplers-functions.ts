import { readFileSync } from 'node:fs';
import { SearchSpace } from '../src/index.ts';
import type { Parameters } from '../src/index.ts';

/** A function of the comparison, as samplers-functions.json has it: ranges by name, in the words that both sides read. */
interface Entry {
  readonly floats?: Record<string, [number, number]>;
  readonly logs?: Record<string, [number, number]>;
  readonly ints?: Record<string, [number, number]>;
  readonly logInts?: Record<string, [number, number]>;
  readonly choices?: Record<string, string[]>;
  readonly when?: Record<string, string>;
  readonly on?: string;
  readonly objectives?: number;
  readonly reference?: [number, number];
  readonly only?: string[];
}

export interface TestFunction {
  readonly name: string;
  readonly space: SearchSpace;
  readonly objectives: number;
  readonly reference: readonly [number, number] | undefined;
  readonly only: readonly string[] | undefined;
  readonly evaluate: (point: Parameters) => number[];
}

const entries = JSON.parse(
  readFileSync(new URL('samplers-functions.json', import.meta.url), 'utf8'),
) as Record<string, Entry>;

export function testFunctions(): TestFunction[] {
  return Object.entries(entries).map(([name, entry]) => ({
    name,
    space: spaceOf(entry),
    objectives: entry.objectives ?? 1,
    reference: entry.reference,
    only: entry.only,
    evaluate: FUNCTIONS[name]!,
  }));
}

function spaceOf(entry: Entry): SearchSpace {
  const parameters: Record<string, unknown> = {};
  const add = (kind: string, log: boolean, ranges: Record<string, [number, number]> = {}): void => {
    for (const [path, [low, high]] of Object.entries(ranges)) parameters[path] = { kind, low, high, log };
  };
  add('float', false, entry.floats);
  add('float', true, entry.logs);
  add('int', false, entry.ints);
  add('int', true, entry.logInts);
  for (const [path, values] of Object.entries(entry.choices ?? {}))
    parameters[path] = { kind: 'choice', values };
  for (const [path, value] of Object.entries(entry.when ?? {})) {
    parameters[path] = { ...(parameters[path] as object), when: { [entry.on!]: value } };
  }
  return SearchSpace.parse({ parameters });
}

const numbers = (point: Parameters): number[] =>
  Object.keys(point)
    .sort()
    .map((path) => point[path] as number);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

// Hartmann's six-dimensional function (Dixon and Szego 1978)
const HARTMANN_ALPHA = [1, 1.2, 3, 3.2];
const HARTMANN_A = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const HARTMANN_P = [
  [1312, 1696, 5569, 124, 8283, 5886],
  [2329, 4135, 8307, 3736, 1004, 9991],
  [2348, 1451, 3522, 2883, 3047, 6650],
  [4047, 8828, 8732, 5743, 1091, 381],
];

function branin([x, y]: number[]): number {
  const bend = y! - (5.1 / (4 * Math.PI ** 2)) * x! ** 2 + (5 / Math.PI) * x! - 6;
  return bend ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x!) + 10;
}

function camel([x, y]: number[]): number {
  return (4 - 2.1 * x! ** 2 + x! ** 4 / 3) * x! ** 2 + x! * y! + (-4 + 4 * y! ** 2) * y! ** 2;
}

function rosenbrock(x: number[]): number {
  return sum(x.slice(1).map((next, i) => 100 * (next - x[i]! ** 2) ** 2 + (1 - x[i]!) ** 2));
}

function hartmann(x: number[]): number {
  return -sum(
    HARTMANN_ALPHA.map(
      (alpha, i) =>
        alpha * Math.exp(-sum(x.map((v, j) => HARTMANN_A[i]![j]! * (v - HARTMANN_P[i]![j]! / 10_000) ** 2))),
    ),
  );
}

function ackley(x: number[]): number {
  const root = Math.sqrt(sum(x.map((v) => v ** 2)) / x.length);
  const wave = sum(x.map((v) => Math.cos(2 * Math.PI * v))) / x.length;
  return -20 * Math.exp(-0.2 * root) - Math.exp(wave) + 20 + Math.E;
}

function mixed(point: Parameters): number {
  const { x, rate, units, depth, batch, kind } = point as Record<string, number> & { kind: string };
  const shift = { a: 0, b: 1, c: 2, d: 0.5 }[kind as unknown as string]!;
  return (
    (x! - shift) ** 2 +
    (Math.log10(rate!) + 3) ** 2 +
    ((units! - 24) / 16) ** 2 +
    (depth! - 3) ** 2 / 4 +
    Math.log2(batch! / 32) ** 2 / 4 +
    shift
  );
}

function conditional(point: Parameters): number {
  const p = point as Record<string, number>;
  if (point['side'] === 'left') return 1 + (p['left.x']! - 1) ** 2 + (p['left.y']! + 2 * p['left.x']!) ** 2;
  return (p['right.x']! - 2) ** 2 + ((p['right.n']! - 20) / 4) ** 2;
}

function zdt1(x: number[]): number[] {
  const g = 1 + (9 * sum(x.slice(1))) / (x.length - 1);
  return [x[0]!, g * (1 - Math.sqrt(x[0]! / g))];
}

const FUNCTIONS: Record<string, (point: Parameters) => number[]> = {
  branin: (point) => [branin(numbers(point))],
  'six-hump-camel': (point) => [camel(numbers(point))],
  rosenbrock: (point) => [rosenbrock(numbers(point))],
  hartmann6: (point) => [hartmann(numbers(point))],
  ackley5: (point) => [ackley(numbers(point))],
  'styblinski-tang4': (point) => [sum(numbers(point).map((v) => v ** 4 - 16 * v ** 2 + 5 * v)) / 2],
  rastrigin4: (point) => [sum(numbers(point).map((v) => 10 + v ** 2 - 10 * Math.cos(2 * Math.PI * v)))],
  ellipsoid8: (point) => {
    // turned, so that no parameter stands alone
    const x = numbers(point);
    return [sum(x.map((v, i) => 10 ** ((3 * i) / 7) * (v + 0.5 * x[(i + 1) % 8]! - 1) ** 2))];
  },
  mixed: (point) => [mixed(point)],
  conditional: (point) => [conditional(point)],
  zdt1: (point) => zdt1(numbers(point)),
};
