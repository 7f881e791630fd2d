import type { Column } from '@atelier/cli';
import type { ComparedRun, RunComparison } from '../registry/comparison.ts';
import type { Facts } from '../registry/facts.ts';
import { deltaAt, formatP, points, type Delta } from '../registry/verdict.ts';
import { formatNumber } from './values.ts';

/** A table of a report, with a heading; `note` goes below. */
export interface Part {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  readonly note?: string;
}

const MOST_CELLS = 15;

const left = (title: string): Column => ({ title });
const right = (title: string): Column => ({ title, align: 'right' });

function tablePart({ table, a, b }: RunComparison): Part {
  const sum = table.bothRight + table.onlyA + table.onlyB + table.bothWrong;
  return {
    title: 'Who is right',
    columns: [left(''), right('B right'), right('B wrong'), right('sum')],
    rows: [
      ['A right', String(table.bothRight), String(table.onlyA), String(table.bothRight + table.onlyA)],
      ['A wrong', String(table.onlyB), String(table.bothWrong), String(table.onlyB + table.bothWrong)],
      ['sum', String(table.bothRight + table.onlyB), String(table.onlyA + table.bothWrong), String(sum)],
    ],
    note: `A: run ${a.runId}, ${a.runName} (${a.checkpoint}). B: run ${b.runId}, ${b.runName} (${b.checkpoint}).`,
  };
}

function withInterval(found: Delta | undefined, format: (value: number) => string): string {
  return found === undefined ? '' : `${format(found.value)} [${format(found.low)}, ${format(found.high)}]`;
}

const MEASURES: readonly [title: string, name: string, format: (value: number) => string][] = [
  ['accuracy (%)', 'accuracy', points],
  ['macro F1 (%)', 'macroF1', points],
  ['log loss', 'logLoss', (value) => value.toFixed(4)],
  ['calibration error (%)', 'ece', points],
  ['Brier score', 'brier', (value) => value.toFixed(4)],
];

function measurePart({ factsA, factsB, level }: RunComparison): Part {
  const rows = MEASURES.map(([title, name, format]) => {
    const delta = deltaAt(factsB, 'delta', name);
    return [
      title,
      withInterval(deltaAt(factsA, name), format),
      withInterval(deltaAt(factsB, name), format),
      withInterval(delta, format),
      formatP(delta?.p),
    ];
  });
  const columns = [left('measure'), right('A'), right('B'), right('B - A'), right('p')];
  return { title: `Measures with ${formatNumber(100 * level)} % intervals`, columns, rows };
}

function recall(facts: Facts, name: string): string {
  return points(deltaAt(facts, 'class', name, 'recall')?.value ?? Number.NaN);
}

function classPart({ factsA, factsB, dataset }: RunComparison): Part {
  const rows = dataset.classNames.map((name) => {
    const delta = deltaAt(factsB, 'class', name, 'delta', 'recall');
    return [name, recall(factsA, name), recall(factsB, name), withInterval(delta, points), formatP(delta?.p)];
  });
  const columns = [left('class'), right('A'), right('B'), right('B - A'), right('p')];
  return { title: 'Recall of each class (%)', columns, rows };
}

function cellPart({ cells }: RunComparison): Part {
  const rows = cells
    .slice(0, MOST_CELLS)
    .map(({ actual, predicted, a, b, p, adjustedP }) => [
      actual,
      predicted,
      String(a),
      String(b),
      `${b > a ? '+' : ''}${b - a}`,
      formatP(p),
      formatP(adjustedP),
    ]);
  const columns = [
    left('is'),
    left('called'),
    right('A'),
    right('B'),
    right('B - A'),
    right('p'),
    right('adjusted p'),
  ];
  const more = cells.length > MOST_CELLS ? ` ${cells.length - MOST_CELLS} more cells differ.` : '';
  return {
    title: 'Cells of the matrix that changed most clearly',
    columns,
    rows,
    note: `Adjusted: Benjamini-Hochberg over all cells.${more}`,
  };
}

/** `52 > 61 (+9)`: A's count, B's, and the difference where there is one. */
function matrixPart({ a, b, dataset }: RunComparison): Part {
  const rows = dataset.classNames.map((name, row) => [
    name,
    ...dataset.classNames.map((_, column) => {
      const [before, after] = [a.matrix[row]![column]!, b.matrix[row]![column]!];
      if (before === after) return String(before);
      return `${before}>${after} ${after > before ? '+' : ''}${after - before}`;
    }),
  ]);
  return {
    title: 'Confusion matrices: A>B difference',
    columns: [left('is / called'), ...dataset.classNames.map(right)],
    rows,
  };
}

function seedPart({ a, b, split }: RunComparison): Part[] {
  const rowOf = (side: string, { seeds }: ComparedRun): string[] => {
    const known = seeds.flatMap(({ accuracy }) => (accuracy === undefined ? [] : [accuracy]));
    const mean = known.reduce((sum, of) => sum + of, 0) / known.length;
    const spread = Math.sqrt(known.reduce((sum, of) => sum + (of - mean) ** 2, 0) / (known.length - 1));
    const runs = seeds.map(({ runId, seed }) => `${runId} (seed ${seed})`).join(', ');
    return [side, String(known.length), points(mean), known.length > 1 ? points(spread) : '', runs];
  };
  if (a.seeds.length < 2 && b.seeds.length < 2) return [];
  const columns = [
    left(''),
    right('seeds'),
    right(`mean ${split}/accuracy (%)`),
    right('standard deviation'),
    left('runs'),
  ];
  return [{ title: 'Other seeds of the same configuration', columns, rows: [rowOf('A', a), rowOf('B', b)] }];
}

/** A comparison as tables. */
export function comparisonParts(comparison: RunComparison): Part[] {
  return [
    tablePart(comparison),
    measurePart(comparison),
    classPart(comparison),
    cellPart(comparison),
    matrixPart(comparison),
    ...seedPart(comparison),
  ];
}
