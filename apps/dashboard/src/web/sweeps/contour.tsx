import type { SweepAxis, SweepContour, SweepObjective } from '../../api/sweep.ts';
import { metric } from '../shell/format.ts';
import { useAnswer } from '../shell/api.ts';
import { param, setParams } from '../shell/url.ts';
import { type Box, type Dot, DotMarks, Dots, Drawing, Frame } from './plot.tsx';
import { axisScale } from './scale.ts';

function AxisSelect({
  name,
  label,
  axes,
  chosen,
}: {
  name: 'x' | 'y';
  label: string;
  axes: readonly SweepAxis[];
  chosen: string;
}) {
  return (
    <label class="select">
      {label}{' '}
      <select value={chosen} onChange={(event) => setParams({ [name]: event.currentTarget.value })}>
        {axes.map(({ path }) => (
          <option key={path} value={path}>
            {path}
          </option>
        ))}
      </select>
    </label>
  );
}

/** More than this hide the cells they lie on. */
const MOST_DOTS = 400;

/** Between which pixels a cell lies; edges beyond the drawing end at its border. */
function span(
  scale: (value: number) => number,
  edges: readonly number[],
  cell: number,
  low: number,
  high: number,
): [number, number] {
  const ends = [edges[cell]!, edges[cell + 1]!].map((edge) => Math.min(high, Math.max(low, scale(edge))));
  return [Math.min(...ends), Math.max(...ends)];
}

function Cells({
  contour,
  objective,
  kept,
}: {
  contour: SweepContour;
  objective: SweepObjective;
  kept: ReadonlySet<number> | null;
}) {
  const means = contour.cells.map(({ mean }) => mean);
  const [least, most] = [Math.min(...means), Math.max(...means)];
  const goodness = (mean: number): number => {
    const share = most === least ? 0.5 : (mean - least) / (most - least);
    return objective.direction === 'minimize' ? 1 - share : share;
  };
  const draw = (width: number) => {
    const box: Box = { left: 58, right: width - 10, top: 20, bottom: 286 };
    const x = axisScale(contour.x, [box.left, box.right]);
    const y = axisScale(contour.y, [box.bottom, box.top]);
    const dots = contour.points.map(({ number, x: px, y: py }): Dot => ({
      number,
      x: x.at(px),
      y: y.at(py),
      kind: 'over',
    }));
    const base = (
      <>
        <Frame box={box} x={x} y={y} xTitle={contour.x.path} yTitle={contour.y.path} />
        {contour.cells.map(({ column, row, mean, count }) => {
          const [left, right] = span(x.at, contour.xEdges, column, box.left, box.right);
          const [top, bottom] = span(y.at, contour.yEdges, row, box.top, box.bottom);
          return (
            <rect
              key={`${column},${row}`}
              class="cell"
              style={{ '--good': goodness(mean) }}
              x={left}
              y={top}
              width={right - left}
              height={bottom - top}
            >
              <title>{`mean ${metric(objective.metric, mean)} of ${count}`}</title>
            </rect>
          );
        })}
        {dots.length <= MOST_DOTS && <Dots dots={dots} kept={kept} />}
      </>
    );
    return { base, over: <DotMarks dots={dots} box={box} /> };
  };
  return (
    <>
      <Drawing
        height={320}
        label={`Mean ${objective.metric} over ${contour.x.path} and ${contour.y.path}`}
        draw={draw}
      />
      <p class="key">
        <i class="cell-key" style={{ '--good': 0 }} />{' '}
        {metric(objective.metric, objective.direction === 'minimize' ? most : least)}
        <i class="cell-key" style={{ '--good': 1 }} />{' '}
        {metric(objective.metric, objective.direction === 'minimize' ? least : most)}
        <span> mean of a cell’s trials; empty cells had none</span>
      </p>
    </>
  );
}

interface ContourProps {
  readonly id: string;
  readonly axes: readonly SweepAxis[];
  readonly objective: SweepObjective;
  readonly index: number;
  readonly version: number;
  readonly kept: ReadonlySet<number> | null;
  /** The two shown where the address names none. */
  readonly first: readonly [string, string];
}

/** An objective over two parameters, as means of cells. */
export function ContourPart({ id, axes, objective, index, version, kept, first }: ContourProps) {
  const [x, y] = [param('x', first[0]), param('y', first[1])];
  const query = new URLSearchParams({ objective: String(index), x, y });
  const { data, problem } = useAnswer<SweepContour>(`/api/sweeps/${id}/contour?${query}`, version);
  return (
    <section aria-label="Contour">
      <header>
        <h2>Two settings together</h2>
        <AxisSelect name="x" label="across" axes={axes} chosen={x} />
        <AxisSelect name="y" label="up" axes={axes} chosen={y} />
      </header>
      {problem && <p class="notice">{problem.message}</p>}
      {data && data.cells.length === 0 && <p class="quiet">No completed trial has both settings.</p>}
      {data && data.cells.length > 0 && <Cells contour={data} objective={objective} kept={kept} />}
    </section>
  );
}
