import '../styles/judgement.css';
import type { ComponentChildren } from 'preact';
import type { Calibration } from '../../api/judgement.ts';
import { decimal, percent } from '../format.ts';
import { useAnswer } from '../state/api.ts';
import { param } from '../state/url.ts';
import { Choice } from './choice.tsx';

type Quality = Calibration['asIs'];

const SIZE = 300;
const PAD = { left: 40, bottom: 30, top: 6, right: 6 };
const x = (share: number): number => PAD.left + share * SIZE;
const y = (share: number): number => PAD.top + (1 - share) * SIZE;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** The square that shares are drawn in, with the diagonal where wanted. */
export function Square({ children, labels, diagonal }: SquareProps) {
  return (
    <svg
      class="square"
      viewBox={`0 0 ${PAD.left + SIZE + PAD.right} ${PAD.top + SIZE + PAD.bottom + 10}`}
      role="img"
      aria-label={labels.title}
    >
      {TICKS.map((tick) => (
        <g key={tick} class="tick">
          <line x1={x(tick)} x2={x(tick)} y1={y(0)} y2={y(1)} />
          <line x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} />
          <text x={x(tick)} y={y(0) + 14} text-anchor="middle">
            {tick}
          </text>
          <text x={x(0) - 6} y={y(tick) + 4} text-anchor="end">
            {tick}
          </text>
        </g>
      ))}
      {diagonal !== undefined && (
        <line
          class="ideal"
          x1={x(0)}
          y1={y(diagonal === 'up' ? 0 : 1)}
          x2={x(1)}
          y2={y(diagonal === 'up' ? 1 : 0)}
        />
      )}
      {children}
      <text x={x(0.5)} y={y(0) + 32} text-anchor="middle">
        {labels.x}
      </text>
      <text x={10} y={y(0.5)} text-anchor="middle" transform={`rotate(-90 10 ${y(0.5)})`}>
        {labels.y}
      </text>
    </svg>
  );
}

interface SquareProps {
  readonly children: ComponentChildren;
  readonly labels: { readonly title: string; readonly x: string; readonly y: string };
  readonly diagonal?: 'up' | 'down';
}

export const placeIn = { x, y };

function Bars({ bins, count }: { bins: Quality['bins']; count: number }) {
  return (
    <>
      {bins.map(({ low, high, accuracy, confidence, interval, count: inBin }) =>
        accuracy === null || confidence === null ? null : (
          <g key={low} class="bin">
            <title>{`${inBin} answers of confidence ${percent(low, 0)} to ${percent(high, 0)}: ${percent(accuracy, 1)} right, ${percent(confidence, 1)} sure on average`}</title>
            <rect
              class="share"
              x={x(low) + 1}
              y={y(inBin / count)}
              width={x(high) - x(low) - 2}
              height={y(0) - y(inBin / count)}
            />
            <line class="gap" x1={x(confidence)} x2={x(confidence)} y1={y(confidence)} y2={y(accuracy)} />
            <line
              class="reach"
              x1={x(confidence)}
              x2={x(confidence)}
              y1={y(interval.low)}
              y2={y(interval.high)}
            />
            <circle cx={x(confidence)} cy={y(accuracy)} r="3.5" />
          </g>
        ),
      )}
    </>
  );
}

function Figures({ of, temperature }: { of: Quality; temperature: number | null }) {
  const figures: readonly (readonly [string, string, string])[] = [
    ['ECE', percent(of.expectedError), 'mean distance of confidence and accuracy, 15 bins of equal width'],
    ['adaptive ECE', percent(of.adaptiveError), 'the same over bins of equal count'],
    ['largest error', percent(of.maximumError), 'of any bin'],
    ['Brier score', decimal(of.brier), 'from 0 to 2, lower is better'],
    ['log loss', decimal(of.loss), 'lower is better'],
    ['temperature', decimal(temperature), 'fitted on validation; above 1: the model is too sure'],
  ];
  return (
    <dl class="facts">
      {figures.map(([name, value, words]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <b>{value}</b> <span class="muted">{words}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The reliability diagram: of the answers given with 90 % confidence, nine of ten should be right. */
export function CalibrationPart({
  run,
  split,
  version,
}: {
  run: number;
  split: string;
  version: number | undefined;
}) {
  const { data, problem } = useAnswer<Calibration>(`/api/runs/${run}/calibration?split=${split}`, version);
  const scaled = param('temperature', 'off') === 'on' && data?.scaled != null;
  const shown = scaled ? data?.scaled : data?.asIs;
  const labels = { title: 'Reliability diagram', x: 'confidence', y: 'share that is right' };
  return (
    <section aria-labelledby="calibration">
      <header>
        <h2 id="calibration">Calibration</h2>
        {data?.scaled && (
          <Choice
            name="temperature"
            label="Probabilities"
            fallback="off"
            options={[
              ['off', 'as they are'],
              ['on', 'with temperature'],
            ]}
          />
        )}
      </header>
      {problem && <p class="notice">{problem.message}</p>}
      {data && shown && (
        <div class="beside">
          <Square labels={labels} diagonal="up">
            <Bars bins={shown.bins} count={data.count} />
          </Square>
          <div>
            <Figures of={shown} temperature={data.temperature} />
            <p class="muted">
              Points off the diagonal: the model is too sure (below) or not sure enough (above). Bars behind:
              share of the answers in each bin.
            </p>
          </div>
        </div>
      )}
    </section>
  );
}
