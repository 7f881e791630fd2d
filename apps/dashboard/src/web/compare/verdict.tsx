import type { Comparison } from '../../api/compare.ts';
import { decimal, percent } from '../shell/format.ts';
import { RunLink } from '../shell/run-name.tsx';

type Evidence = Comparison['evidence'];
interface Interval {
  readonly low: number;
  readonly high: number;
}
type Show = (value: number) => string;

const share: Show = (value) => percent(value);
const points: Show = (value) =>
  `${value > 0 ? '+' : value < 0 ? '−' : '±'}${(Math.abs(value) * 100).toFixed(2)}`;
const plain: Show = (value) => decimal(value);
const signed: Show = (value) => `${value > 0 ? '+' : value < 0 ? '−' : '±'}${decimal(Math.abs(value))}`;

/** A p-value as papers write it. */
export const pValue = (p: number): string => (p < 0.001 ? '< 0.001' : p.toFixed(p < 0.1 ? 3 : 2));

export function Around({ value, interval, show }: { value: number; interval?: Interval; show: Show }) {
  return (
    <>
      <b>{show(value)}</b>
      {interval && (
        <span class="range">
          {' '}
          [{show(interval.low)}, {show(interval.high)}]
        </span>
      )}
    </>
  );
}

interface Measure {
  readonly name: string;
  readonly a: readonly [number, Interval];
  readonly b: readonly [number, Interval];
  readonly difference: readonly [number, Interval];
  readonly p?: number;
  readonly word: Comparison['outcome'] | undefined;
  readonly show: Show;
  readonly showDifference: Show;
}

function measuresOf({ evidence, outcome }: Comparison): Measure[] {
  const { a, b, accuracy, bootstrap, budget } = evidence;
  const scored = (
    name: string,
    score: Evidence['bootstrap']['logLoss'],
    of: Pick<Measure, 'show' | 'showDifference'> & { readonly lowerIsBetter?: boolean },
  ): Measure[] =>
    score === null
      ? []
      : [
          {
            name,
            a: [score.a.estimate, score.a.bca],
            b: [score.b.estimate, score.b.bca],
            difference: [score.difference.estimate, score.difference.bca],
            // these intervals are not corrected: where the split was used before, they are no verdict
            word: budget.decisions > 1 ? undefined : said(score.difference.bca, of.lowerIsBetter),
            ...of,
          },
        ];
  const shares = { show: share, showDifference: points };
  return [
    {
      name: 'accuracy',
      a: [a.accuracy, a.interval],
      b: [b.accuracy, b.interval],
      difference: [accuracy.estimate, accuracy.correctedInterval],
      word: outcome,
      p: accuracy.midP,
      ...shares,
    },
    ...scored('macro F1', bootstrap.macroF1, shares),
    ...scored('log loss', bootstrap.logLoss, { show: plain, showDifference: signed, lowerIsBetter: true }),
    ...scored('calibration error', bootstrap.calibrationError, { ...shares, lowerIsBetter: true }),
  ];
}

/** Better, worse, or neither: only an interval that leaves out 0 says something. */
function said({ low, high }: Interval, lowerIsBetter = false): Comparison['outcome'] {
  if (low <= 0 && high >= 0) return 'undecided';
  return high < 0 === lowerIsBetter ? 'better' : 'worse';
}

function MeasureRow({ measure }: { measure: Measure }) {
  const { name, a, b, difference, p, word, show, showDifference } = measure;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="number">
        <Around value={a[0]} interval={a[1]} show={show} />
      </td>
      <td class="number">
        <Around value={b[0]} interval={b[1]} show={show} />
      </td>
      <td class={`number told ${word === undefined || word === 'undecided' ? '' : word}`}>
        <Around value={difference[0]} interval={difference[1]} show={showDifference} />
        {word !== undefined && <span class="word">{word}</span>}
      </td>
      <td class="number">{p === undefined ? '' : pValue(p)}</td>
    </tr>
  );
}

/** How the right and wrong answers of the two fall together. */
function Table({ evidence: { table, samples } }: { evidence: Evidence }) {
  const count = (value: number): string => value.toLocaleString('en');
  return (
    <p class="muted">
      Of {count(samples)} images {count(table.onlyB)} were fixed by B and {count(table.onlyA)} broken; both
      are right on {count(table.bothRight)} and wrong on {count(table.bothWrong)}.
    </p>
  );
}

/** Is B better than A: in words first, then the measures with their intervals. */
export function VerdictPart({ comparison }: { comparison: Comparison }) {
  const { evidence, a, b, verdict, outcome, uses } = comparison;
  const [first, ...rest] = verdict;
  return (
    <section aria-labelledby="verdict">
      <header>
        <h2 id="verdict">Is B better?</h2>
        <span class="muted">
          A <RunLink run={{ id: a.runId, name: a.runName }} /> · B{' '}
          <RunLink run={{ id: b.runId, name: b.runName }} />
        </span>
      </header>
      <p class={`verdict ${outcome}`}>{first}</p>
      {rest.map((line) => (
        <p key={line} class="verdict-more">
          {line}
        </p>
      ))}
      <Table evidence={evidence} />
      <div class="scroll" tabIndex={0}>
        <table class="measures">
          <caption class="hidden">Measures of A and B, and their differences</caption>
          <thead>
            <tr>
              <th scope="col">measure</th>
              <th scope="col" class="number">
                A
              </th>
              <th scope="col" class="number">
                B
              </th>
              <th scope="col" class="number">
                B − A
              </th>
              <th scope="col" class="number">
                p
              </th>
            </tr>
          </thead>
          <tbody>
            {measuresOf(comparison).map((measure) => (
              <MeasureRow key={measure.name} measure={measure} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="key">
        {Math.round(evidence.level * 100)} % intervals: Wilson and Tango for accuracy, bootstrap (BCa) for the
        others; p by McNemar (mid-p).
        {evidence.budget.decisions > 1 &&
          ` This split has been used ${evidence.budget.decisions} times: the difference in accuracy has its interval of ${100 - Number((100 * evidence.budget.correctedAlpha).toPrecision(2))} %, which decides; the others are not judged.`}
        {uses !== null && uses > 0 && ` Comparisons of this test split counted so far: ${uses}.`}
      </p>
    </section>
  );
}
