import '../styles/judgement.css';
import { useState } from 'preact/hooks';
import type { Ranking } from '../../api/judgement.ts';
import { runColour } from '../colour.ts';
import { decimal } from '../format.ts';
import { useAnswer } from '../state/api.ts';
import { param } from '../state/url.ts';
import { placeIn, Square } from './calibration.tsx';
import { Choice } from './choice.tsx';

type RankedClass = Ranking['classes'][number];
type Kind = 'roc' | 'precisionRecall';

const LABELS = {
  roc: { title: 'ROC curves', x: 'false positive rate', y: 'true positive rate' },
  precisionRecall: { title: 'Precision-recall curves', x: 'recall', y: 'precision' },
} as const;

function Line({ of, kind, index, faded }: { of: RankedClass; kind: Kind; index: number; faded: boolean }) {
  const line = of[kind];
  if (line === null) return null;
  const points = line.x.map(
    (at, place) => `${placeIn.x(at).toFixed(1)},${placeIn.y(line.y[place]!).toFixed(1)}`,
  );
  return (
    <polyline
      points={points.join(' ')}
      class={faded ? 'ranked faded' : 'ranked'}
      style={{ stroke: runColour(index + 1) }}
    />
  );
}

function Areas({
  data,
  kind,
  onPoint,
}: {
  data: Ranking;
  kind: Kind;
  onPoint: (index: number | null) => void;
}) {
  const area = kind === 'roc' ? 'rocArea' : 'averagePrecision';
  return (
    <div class="scroll" tabIndex={0}>
      <table onMouseLeave={() => onPoint(null)}>
        <thead>
          <tr>
            <th scope="col">class</th>
            <th scope="col" class="number">
              {kind === 'roc' ? 'area under ROC' : 'average precision'}
            </th>
          </tr>
        </thead>
        <tbody>
          {data.classes.map((of, index) => (
            <tr key={of.name} onMouseEnter={() => onPoint(index)}>
              <th scope="row">
                <i class="swatch" style={{ backgroundColor: runColour(index + 1) }} aria-hidden="true" />
                {of.name}
              </th>
              <td class="number">{of[area] === null ? 'no sample' : decimal(of[area])}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">mean over classes</th>
            <td class="number">{decimal(data.macro[area])}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

/** How well the probabilities rank each class against the rest. */
export function RankingPart({
  run,
  split,
  version,
}: {
  run: number;
  split: string;
  version: number | undefined;
}) {
  const { data, problem } = useAnswer<Ranking>(`/api/runs/${run}/ranking?split=${split}`, version);
  const [pointed, point] = useState<number | null>(null);
  const kind: Kind = param('rank', 'roc') === 'pr' ? 'precisionRecall' : 'roc';
  return (
    <section aria-labelledby="ranking">
      <header>
        <h2 id="ranking">Each class against the rest</h2>
        <Choice
          name="rank"
          label="Curve"
          fallback="roc"
          options={[
            ['roc', 'ROC'],
            ['pr', 'precision-recall'],
          ]}
        />
      </header>
      {problem && <p class="notice">{problem.message}</p>}
      {data && (
        <div class="beside">
          <Square labels={LABELS[kind]} {...(kind === 'roc' && { diagonal: 'up' as const })}>
            {data.classes.map((of, index) => (
              <Line
                key={of.name}
                of={of}
                kind={kind}
                index={index}
                faded={pointed !== null && pointed !== index}
              />
            ))}
          </Square>
          <Areas data={data} kind={kind} onPoint={point} />
        </div>
      )}
    </section>
  );
}
