import {
  confidenceText,
  formatP,
  outcomeOf,
  type Bootstrapped,
  type ClassEvidence,
  type Interval,
  type SeedSummary,
} from '@atelier/metrics';
import type { ComparedRun, RunComparison } from './comparison.ts';

/** A column's heading and alignment. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Up to six significant digits. */
const formatNumber = (value: number): string => String(Number(value.toPrecision(6)));

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

type Format = (value: number) => string;

/** Percentage points. */
const points: Format = (share) => (100 * share).toFixed(2).replace(/^-(0\.00)$/, '$1');
const plain: Format = (value) => value.toFixed(4);

/** The number alone: the column says that it is a p. */
function bareP(p: number): string {
  return formatP(p).replace(/^p (= )?/, '');
}

/** A dash where nobody can know: of a class without samples. */
const UNKNOWN = '-';

function around(value: number, { low, high }: Interval, format: Format): string {
  return `${format(value)} [${format(low)}, ${format(high)}]`;
}

function tablePart({ evidence: { table }, a, b }: RunComparison): Part {
  const { bothRight, onlyA, onlyB, bothWrong } = table;
  const rows = [
    ['A right', bothRight, onlyA, bothRight + onlyA],
    ['A wrong', onlyB, bothWrong, onlyB + bothWrong],
    ['sum', bothRight + onlyB, onlyA + bothWrong, bothRight + onlyA + onlyB + bothWrong],
  ];
  return {
    title: 'Who is right',
    columns: [left(''), right('B right'), right('B wrong'), right('sum')],
    rows: rows.map((row) => row.map(String)),
    note: `A: run ${a.runId}, ${a.runName} (${a.checkpoint}). B: run ${b.runId}, ${b.runName} (${b.checkpoint}).`,
  };
}

function bootstrapRow(
  title: string,
  score: { a: Bootstrapped; b: Bootstrapped; difference: Bootstrapped } | null,
  format: Format,
): string[][] {
  if (score === null) return [];
  const cell = ({ estimate, bca }: Bootstrapped): string => around(estimate, bca, format);
  return [[title, cell(score.a), cell(score.b), cell(score.difference), '']];
}

function measurePart({ evidence }: RunComparison): Part {
  const { a, b, accuracy, bootstrap, level, budget } = evidence;
  const outcome = outcomeOf(evidence);
  const rows = [
    [
      'accuracy (%)',
      around(a.accuracy, a.interval, points),
      around(b.accuracy, b.interval, points),
      `${around(accuracy.estimate, accuracy.correctedInterval, points)} ${outcome}`,
      bareP(accuracy.midP),
    ],
    ...bootstrapRow('macro F1 (%)', bootstrap.macroF1, points),
    ...bootstrapRow('log loss', bootstrap.logLoss, plain),
    ...bootstrapRow('calibration error (%)', bootstrap.calibrationError, points),
    ['Matthews', plain(a.matthews), plain(b.matthews), plain(b.matthews - a.matthews), ''],
  ];
  const note =
    budget.decisions === 1
      ? 'Accuracy: Wilson, Tango, mid-p McNemar. Others: bootstrap (BCa).'
      : `Use ${budget.decisions} of this split: p has to be at most ${formatNumber(Number(budget.correctedAlpha.toPrecision(2)))}, ` +
        `and the interval of B - A in accuracy, which decides, is of ${confidenceText(budget.correctedAlpha)} %.`;
  const columns = [left('measure'), right('A'), right('B'), right('B - A'), right('p')];
  return { title: `Measures with ${formatNumber(100 * level)} % intervals`, columns, rows, note };
}

function classPart({ evidence }: RunComparison): Part {
  const share = (value: number | null): string => (value === null ? UNKNOWN : points(value));
  const change = (of: ClassEvidence['recall']): string =>
    of === null ? UNKNOWN : around(of.difference, of.interval, points);
  const rows = evidence.classes.map(({ name, recallA, recallB, recall, precision, p, adjustedP }) => [
    name,
    share(recallA),
    share(recallB),
    change(recall),
    recall === null ? UNKNOWN : bareP(p),
    recall === null ? UNKNOWN : bareP(adjustedP),
    change(precision),
  ]);
  const columns = [
    left('class'),
    right('recall of A'),
    right('of B'),
    right('B - A'),
    right('p'),
    right('adjusted p'),
    right('precision, B - A'),
  ];
  return { title: 'Each class (%)', columns, rows };
}

function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value);
}

function cellPart({ evidence: { cells, classNames } }: RunComparison): Part {
  const changed = cells.filter(({ onlyA, onlyB }) => onlyA + onlyB > 0).sort((x, y) => x.p - y.p);
  const rows = changed
    .slice(0, MOST_CELLS)
    .map(({ label, predicted, countA, countB, p, adjustedP }) => [
      classNames[label]!,
      classNames[predicted]!,
      String(countA),
      String(countB),
      signed(countB - countA),
      bareP(p),
      bareP(adjustedP),
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
  const more = changed.length > MOST_CELLS ? ` ${changed.length - MOST_CELLS} more changed.` : '';
  const note = `Adjusted over all cells off the diagonal (Benjamini-Hochberg).${more}`;
  return { title: 'Confusions that changed most clearly', columns, rows, note };
}

/** A's matrix, B's matrix, and B - A with a dot where nothing changed. */
function matrixParts({ a, b, dataset }: RunComparison): Part[] {
  const part = (title: string, cell: (row: number, column: number) => string): Part => ({
    title,
    columns: [left('is / called'), ...dataset.classNames.map(right)],
    rows: dataset.classNames.map((name, row) => [
      name,
      ...dataset.classNames.map((_, column) => cell(row, column)),
    ]),
  });
  const difference = (row: number, column: number): number =>
    b.matrix[row]![column]! - a.matrix[row]![column]!;
  return [
    part('Confusion matrix of A', (row, column) => String(a.matrix[row]![column])),
    part('Confusion matrix of B', (row, column) => String(b.matrix[row]![column])),
    part('Difference, B - A', (row, column) =>
      difference(row, column) === 0 ? '.' : signed(difference(row, column)),
    ),
  ];
}

function seedPart({ a, b, seeds, split }: RunComparison): Part[] {
  if (a.seeds.length < 2 && b.seeds.length < 2) return [];
  const row = (side: string, { seeds: runs }: ComparedRun, summary: SeedSummary | undefined): string[] => [
    side,
    String(runs.length),
    summary === undefined ? '' : around(summary.mean, summary.interval, points),
    summary === undefined ? '' : points(summary.deviation),
    runs.map(({ runId, seed, accuracy }) => `run ${runId}, seed ${seed}: ${points(accuracy)}`).join('; '),
  ];
  const columns = [
    left(''),
    right('seeds'),
    right(`mean ${split}/accuracy (%)`),
    right('deviation'),
    left('runs'),
  ];
  return [
    {
      title: 'Seeds of the same configuration',
      columns,
      rows: [row('A', a, seeds?.a), row('B', b, seeds?.b)],
    },
  ];
}

/** A comparison as tables. */
export function comparisonParts(comparison: RunComparison): Part[] {
  return [
    tablePart(comparison),
    measurePart(comparison),
    classPart(comparison),
    cellPart(comparison),
    ...matrixParts(comparison),
    ...seedPart(comparison),
  ];
}
