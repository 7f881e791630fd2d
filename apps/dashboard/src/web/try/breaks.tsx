import { runColour } from '../shell/colour.ts';
import { percent } from '../shell/format.ts';
import type { Said } from './answers.ts';
import { CHANGES, RANGES, stops, type Change, type ChangeName } from './images.ts';

const WIDTH = 260;
const HEIGHT = 92;

const argmax = (values: readonly number[]): number => values.indexOf(Math.max(...values));

/** The stop nearest to none at which a model no longer says the right class; undefined where it always does. */
export function breakOf(name: ChangeName, rows: readonly number[][], right: number): number | undefined {
  const broken = stops(name).filter((_, at) => argmax(rows[at]!) !== right);
  return broken.sort((a, b) => Math.abs(a) - Math.abs(b))[0];
}

function sentence(name: ChangeName, { candidate, curves }: Said, right: number): string {
  const rows = curves?.[name];
  if (rows === undefined) return `${candidate.label}: computing…`;
  const at = breakOf(name, rows, right);
  if (at === undefined) return `${candidate.label} holds throughout`;
  return at === 0
    ? `${candidate.label} is wrong before any`
    : `${candidate.label} breaks at ${at}${RANGES[name].unit}`;
}

function Curve({ name, said, right, value }: BreakProps & { name: ChangeName; value: number }) {
  const { min, max } = RANGES[name];
  const x = (of: number): number => ((of - min) / (max - min)) * WIDTH;
  const y = (of: number): number => 4 + (1 - of) * (HEIGHT - 8);
  const label = said.map((of) => sentence(name, of, right)).join('; ');
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`Probability of the right class by ${name}: ${label}`}
    >
      <line class="grid" x1="0" x2={WIDTH} y1={y(0)} y2={y(0)} />
      <line class="grid" x1="0" x2={WIDTH} y1={y(0.5)} y2={y(0.5)} />
      <line class="grid" x1="0" x2={WIDTH} y1={y(1)} y2={y(1)} />
      <line class="now" x1={x(value)} x2={x(value)} y1="0" y2={HEIGHT} />
      {said.map(({ candidate, curves }, at) => (
        <polyline
          key={candidate.key}
          class={at === 0 ? 'first' : 'second'}
          style={{ stroke: runColour(candidate.runId) }}
          points={stops(name)
            .flatMap((stop, index) => {
              const row = curves?.[name]?.[index];
              return row === undefined ? [] : [`${x(stop).toFixed(1)},${y(row[right] ?? 0).toFixed(1)}`];
            })
            .join(' ')}
        />
      ))}
    </svg>
  );
}

interface BreakProps {
  readonly said: readonly Said[];
  readonly right: number;
}

/** A slider each for shift, rotation, noise and erasing, above what it does to the right class. */
export function Breaks({
  said,
  right,
  className,
  change,
  onChange,
}: BreakProps & {
  readonly className: string;
  readonly change: Change;
  readonly onChange: (name: ChangeName, value: number) => void;
}) {
  return (
    <section aria-labelledby="breaks">
      <header>
        <h2 id="breaks">Where each breaks</h2>
        <span class="muted">probability of {className}, 0 to 1, over each slider; the others as set</span>
      </header>
      <div class="breaks">
        {CHANGES.map((name) => {
          const { min, max, step, unit, title } = RANGES[name];
          return (
            <div key={name} class="break">
              <label for={`slider-${name}`}>
                <span>{title}</span>
                <output>
                  {change[name]}
                  {unit}
                </output>
              </label>
              <Curve name={name} said={said} right={right} value={change[name]} />
              <input
                id={`slider-${name}`}
                type="range"
                min={min}
                max={max}
                step={name === 'noise' ? step : step / 2}
                value={change[name]}
                onInput={(event) => onChange(name, Number(event.currentTarget.value))}
              />
              <ul>
                {said.map((of) => (
                  <li key={of.candidate.key}>
                    <i class="swatch" style={{ background: runColour(of.candidate.runId) }} />
                    {sentence(name, of, right)}
                  </li>
                ))}
              </ul>
            </div>
          );
        })}
      </div>
    </section>
  );
}

/** Probabilities, latency and what counts, of one model. */
export function TopClasses({
  values,
  names,
  right,
}: {
  values: readonly number[];
  names: readonly string[];
  right: number | undefined;
}) {
  const ranked = values.map((value, index) => ({ value, index })).sort((a, b) => b.value - a.value);
  return (
    <ol class="probabilities">
      {ranked.slice(0, 5).map(({ value, index }, at) => (
        <li
          key={index}
          data-probability={value}
          class={index === right ? 'right' : at === 0 && right !== undefined ? 'wrong' : ''}
        >
          <span>{names[index] ?? `class ${index}`}</span>
          <meter
            min={0}
            max={1}
            value={value}
            aria-label={`${names[index] ?? index}: ${percent(value, 1)}`}
          />
          <b>{percent(value, 1)}</b>
        </li>
      ))}
    </ol>
  );
}
