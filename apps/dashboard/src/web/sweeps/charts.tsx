import type { SweepAnalysis, SweepObjective } from '../../api/sweep.ts';
import { metric } from '../shell/format.ts';
import { type Box, type Dot, DotMarks, Dots, Drawing, Frame } from './plot.tsx';
import { axisScale, linearScale, metricFormat, valueScale } from './scale.ts';

interface ChartProps {
  readonly analysis: SweepAnalysis;
  readonly objective: SweepObjective;
  readonly kept: ReadonlySet<number> | null;
}

const boxOf = (width: number, height: number, left = 52): Box => ({
  left,
  right: width - 10,
  top: 20,
  bottom: height - 34,
});

/** Values in the order of the trials, and the best so far as a line of steps. */
export function HistoryChart({ analysis: { history }, objective, kept }: ChartProps) {
  const last = history.at(-1);
  const label = last
    ? `Values of ${history.length} completed trials; best so far ${metric(objective.metric, last.best)}`
    : 'No completed trial yet';
  const draw = (width: number) => {
    const box = boxOf(width, 260);
    const format = metricFormat(objective.metric);
    const x = linearScale([0, Math.max(1, last?.number ?? 1)], [box.left + 6, box.right - 6]);
    const y = valueScale(
      history.map(({ value }) => value),
      [box.bottom, box.top],
      format,
    );
    const dots = history.map(({ number, value, best }): Dot => ({
      number,
      x: x.at(number),
      y: y.at(value),
      kind: value === best ? 'record' : 'done',
    }));
    const steps = history.map(
      ({ number, best }, i) =>
        `${i === 0 ? 'M' : 'H'}${x.at(number).toFixed(1)}${i === 0 ? ' ' : 'V'}${y.at(best).toFixed(1)}`,
    );
    const base = (
      <>
        <Frame box={box} x={x} y={y} xTitle="trial" yTitle={objective.metric} />
        <path class="best-line" d={steps.join('')} />
        <Dots dots={dots} kept={kept} />
      </>
    );
    return { base, over: <DotMarks dots={dots} box={box} /> };
  };
  return <Drawing height={260} label={label} draw={draw} />;
}

/** Share of the trials up to each value. */
export function DistributionChart({ analysis: { distribution }, objective }: Omit<ChartProps, 'kept'>) {
  const draw = (width: number) => {
    const box = boxOf(width, 220);
    const x = valueScale(
      distribution.map(({ value }) => value),
      [box.left, box.right],
      metricFormat(objective.metric),
    );
    const y = linearScale([0, 1], [box.bottom, box.top], (value) => `${Math.round(value * 100)}%`);
    let before = 0;
    const path = distribution.map(({ value, share }) => {
      const part = `${before === 0 ? 'M' : 'L'}${x.at(value).toFixed(1)} ${y.at(before).toFixed(1)}V${y.at(share).toFixed(1)}`;
      before = share;
      return part;
    });
    const base = (
      <>
        <Frame box={box} x={x} y={y} xTitle={objective.metric} yTitle="share of trials" />
        <path class="best-line" d={path.join('')} />
      </>
    );
    return { base };
  };
  const middle = distribution.find(({ share }) => share >= 0.5)?.value;
  return (
    <Drawing
      height={220}
      label={`Half of the trials are at or below ${metric(objective.metric, middle)}`}
      draw={draw}
    />
  );
}

function SliceChart({
  slice,
  objective,
  kept,
}: {
  slice: SweepAnalysis['slices'][number];
  objective: SweepObjective;
  kept: ChartProps['kept'];
}) {
  const { axis, points } = slice;
  const draw = (width: number) => {
    const box = boxOf(width, 200, 46);
    const x = axisScale(axis, [box.left, box.right]);
    const y = valueScale(
      points.map(({ value }) => value),
      [box.bottom, box.top],
      metricFormat(objective.metric),
    );
    // values of a choice lie on a few places: trials are set a little apart, always the same way
    const aside = (number: number): number =>
      axis.scale === 'choice' ? (((number * 7919) % 17) - 8) * 1.2 : 0;
    const dots = points.map(({ number, x: at, value }): Dot => ({
      number,
      x: x.at(at) + aside(number),
      y: y.at(value),
      kind: 'done',
    }));
    const base = (
      <>
        <Frame box={box} x={x} y={y} />
        <Dots dots={dots} kept={kept} />
      </>
    );
    return { base, over: <DotMarks dots={dots} box={box} /> };
  };
  return (
    <figure class="chart">
      <figcaption>
        <h3 title={axis.path}>{axis.path}</h3>
        <span class="muted small">{axis.scale === 'log' ? 'log' : ''}</span>
      </figcaption>
      <Drawing
        height={200}
        label={`${objective.metric} of ${points.length} trials by ${axis.path}`}
        draw={draw}
      />
    </figure>
  );
}

/** One small chart per parameter. */
export function Slices({ analysis, objective, kept }: ChartProps) {
  return (
    <div class="slices">
      {analysis.slices.map((slice) => (
        <SliceChart key={slice.axis.path} slice={slice} objective={objective} kept={kept} />
      ))}
    </div>
  );
}

interface ParetoProps {
  readonly analysis: SweepAnalysis;
  readonly objectives: readonly SweepObjective[];
  /** Which two objectives. */
  readonly pair: readonly [number, number];
  readonly kept: ReadonlySet<number> | null;
}

/** Two objectives against each other; the trials that nothing dominates in all objectives stand out. */
export function ParetoChart({ analysis: { pareto }, objectives, pair: [across, up], kept }: ParetoProps) {
  const [xName, yName] = [objectives[across]!.metric, objectives[up]!.metric];
  const draw = (width: number) => {
    const box = boxOf(width, 300);
    const x = valueScale(
      pareto.points.map(({ values }) => values[across]!),
      [box.left, box.right],
      metricFormat(xName),
    );
    const y = valueScale(
      pareto.points.map(({ values }) => values[up]!),
      [box.bottom, box.top],
      metricFormat(yName),
    );
    const dots = pareto.points.map(({ number, values, rank }): Dot => ({
      number,
      x: x.at(values[across]!),
      y: y.at(values[up]!),
      kind: rank === 1 ? 'record' : 'done',
    }));
    const front = dots.filter(({ kind }) => kind === 'record').sort((a, b) => a.x - b.x || a.y - b.y);
    const line = front
      .map(({ x: px, y: py }, i) => `${i === 0 ? 'M' : 'L'}${px.toFixed(1)} ${py.toFixed(1)}`)
      .join('');
    const base = (
      <>
        <Frame box={box} x={x} y={y} xTitle={xName} yTitle={yName} />
        {objectives.length === 2 && <path class="front-line" d={line} />}
        <Dots dots={dots} kept={kept} />
      </>
    );
    return { base, over: <DotMarks dots={dots} box={box} /> };
  };
  const label = `${pareto.front.length} of ${pareto.points.length} trials are on the Pareto front: ${pareto.front.slice(0, 10).join(', ')}`;
  return <Drawing height={300} label={label} draw={draw} />;
}
