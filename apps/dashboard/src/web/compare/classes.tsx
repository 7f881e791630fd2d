import type { Comparison } from '../../api/compare.ts';
import { percent } from '../shell/format.ts';
import { pValue } from './verdict.tsx';

type ClassEvidence = Comparison['evidence']['classes'][number];
type Change = NonNullable<ClassEvidence['recall']>;

const signed = (value: number): string =>
  `${value > 0 ? '+' : value < 0 ? '−' : '±'}${(Math.abs(value) * 100).toFixed(1)}`;

/** The interval as a line around its estimate, 0 in the middle. */
function Whisker({ of, widest, word }: { of: Change; widest: number; word: string }) {
  const at = (value: number): string => `${(50 + (50 * value) / widest).toFixed(2)}%`;
  const { low, high } = of.interval;
  return (
    <svg class={`whisker ${word}`} aria-hidden="true">
      <line class="zero" x1="50%" x2="50%" y1="0" y2="100%" />
      <line x1={at(low)} x2={at(high)} y1="50%" y2="50%" />
      <circle cx={at(of.difference)} cy="50%" r="3.5" />
    </svg>
  );
}

/** Of a class without samples. */
const UNKNOWN = '–';

function Change({ of: { difference, interval }, word }: { of: Change; word: string }) {
  return (
    <>
      <b>{signed(difference)}</b>{' '}
      <span class="range">
        [{signed(interval.low)}, {signed(interval.high)}]
      </span>
      {word !== '' && <span class="hidden"> {word}</span>}
    </>
  );
}

function Row({ of, widest, alpha }: { of: ClassEvidence; widest: number; alpha: number }) {
  const { recall } = of;
  const sure = recall !== null && of.adjustedP <= alpha && recall.difference !== 0;
  const word = !sure ? '' : recall.difference > 0 ? 'better' : 'worse';
  return (
    <tr>
      <th scope="row">{of.name}</th>
      <td class="number">{percent(of.recallA, 1)}</td>
      <td class="number">{percent(of.recallB, 1)}</td>
      <td class={`number told ${word}`}>{recall === null ? UNKNOWN : <Change of={recall} word={word} />}</td>
      <td>{recall !== null && <Whisker of={recall} widest={widest} word={word} />}</td>
      <td class="number">{recall === null ? UNKNOWN : pValue(of.adjustedP)}</td>
      <td class="number">{of.precision === null ? UNKNOWN : signed(of.precision.difference)}</td>
      <td class="number">
        {of.table.onlyB} / {of.table.onlyA}
      </td>
    </tr>
  );
}

/** Gains and losses of each class, with their intervals. */
export function ClassesPart({ comparison: { evidence } }: { comparison: Comparison }) {
  const widest = Math.max(
    0.005,
    ...evidence.classes.flatMap(({ recall }) =>
      recall === null ? [] : [Math.abs(recall.interval.low), Math.abs(recall.interval.high)],
    ),
  );
  const heads = ['A', 'B', 'B − A (points)', '', 'adjusted p', 'precision', 'fixed / broken'];
  return (
    <section aria-labelledby="classes">
      <header>
        <h2 id="classes">Recall by class</h2>
        <span class="muted">coloured where the adjusted p clears the bar</span>
      </header>
      <div class="scroll" tabIndex={0}>
        <table class="measures classes">
          <thead>
            <tr>
              <th scope="col">class</th>
              {heads.map((head) => (
                <th key={head} scope="col" class="number">
                  {head === '' ? <span class="hidden">interval</span> : head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {evidence.classes.map((of) => (
              <Row key={of.class} of={of} widest={widest} alpha={evidence.budget.correctedAlpha} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
