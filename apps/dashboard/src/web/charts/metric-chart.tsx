import { useMemo, useState } from 'preact/hooks';
import type { CurveAxis, CurveLine } from '../../api/curves.ts';
import type { RunRow } from '../../api/schema.ts';
import { runColour } from '../shell/colour.ts';
import { decimal, duration, metric } from '../shell/format.ts';
import { useCurveViews } from './curve-views.ts';
import { CurveTable } from './curve-table.tsx';
import { Plot } from './plot.tsx';
import { lineOf, nearest, shownColumn, type PlotLine, type Range } from './scene.ts';

export interface MetricChartProps {
  readonly title: string;
  readonly keys: readonly string[];
  readonly runs: readonly Pick<RunRow, 'id' | 'name'>[];
  readonly version: number;
  readonly axis: CurveAxis;
  readonly smooth: number;
  readonly logX: boolean;
  readonly logY: boolean;
  /** In units of the axis. */
  readonly zoom: Range | null;
  readonly onZoom: (range: Range | null) => void;
  readonly height?: number;
  readonly formatX?: (value: number) => string;
  /** Makes other lines of what is to be drawn: bands, differences. */
  readonly derive?: (lines: readonly PlotLine[]) => readonly PlotLine[];
}

const LONGEST_LEGEND = 12;

export function formatPlace(axis: CurveAxis, value: number): string {
  if (axis === 'time') return duration(value * 1000);
  return Math.abs(value) >= 1e6
    ? `${Number((value / 1e6).toPrecision(4))}M`
    : Number(value.toPrecision(6)).toLocaleString('en');
}

/** The stretch of steps behind a stretch of the axis, from the whole curves; null: all. */
function stepsBehind(lines: readonly CurveLine[], zoom: Range | null, axis: CurveAxis): Range | null {
  if (zoom === null || axis === 'step') return zoom;
  let from = Infinity;
  let to = -Infinity;
  for (const { x, step } of lines) {
    if (x === null) continue;
    const last = x.findIndex((place) => place >= zoom[1]);
    const first = x.findLastIndex((place) => place <= zoom[0]);
    from = Math.min(from, step[Math.max(0, first)] ?? Infinity);
    to = Math.max(to, step[last === -1 ? x.length - 1 : last] ?? -Infinity);
  }
  return from > to ? null : [from, to];
}

function useLines(props: MetricChartProps): {
  all: readonly CurveLine[];
  lines: readonly PlotLine[];
  notes: string[];
} {
  const { runs, keys, axis, smooth, zoom, version, derive } = props;
  const ids = runs.map(({ id }) => id);
  const question = { runs: ids, keys, axis, smooth };
  const whole = useCurveViews({ ...question, range: null }, version);
  const overview = whole.views?.lines ?? [];
  const range = stepsBehind(overview, zoom, axis);
  const finer = range !== null && overview.some(({ span }) => span > 1);
  const fine = useCurveViews({ ...question, runs: finer ? ids : [], range }, version);
  const fineLines = finer ? fine.views?.lines : undefined;
  const lines = useMemo(() => {
    const names = new Map(runs.map(({ id, name }) => [id, name]));
    const label = ({ run, key }: CurveLine) =>
      runs.length === 1
        ? key
        : keys.length === 1
          ? names.get(run)!
          : `${names.get(run)} ${key.split('/')[0]}`;
    const drawn = overview.map((line) => {
      const better = fineLines?.find((of) => of.run === line.run && of.key === line.key);
      // while the finer lines are of another place, the coarse ones are shown
      const fits = better !== undefined && better.step.length > 0 && covers(better, range);
      return fits ? better : line;
    });
    const plotted = drawn.map((line) =>
      lineOf(line, {
        label: label(line),
        colour: runColour(line.run),
        dashed: keys.length > 1 && line.key.startsWith('train/'),
      }),
    );
    return derive?.(plotted) ?? plotted;
  }, [overview, fineLines, derive, range?.join()]);
  return { all: overview, lines, notes: notesOf(props, whole) };
}

function covers({ step, span }: CurveLine, range: Range | null): boolean {
  if (range === null) return false;
  const [first, last] = [step[0]!, step.at(-1)!];
  const width = Math.max(1, (last - first) / Math.max(1, step.length - 1));
  return span >= 1 && first <= range[0] + 2 * width && last >= range[1] - 2 * width;
}

function notesOf({ axis }: MetricChartProps, { views, problem }: ReturnType<typeof useCurveViews>): string[] {
  const notes: string[] = problem === undefined ? [] : [problem.message];
  if (views === undefined) return notes;
  const list = (ids: readonly number[]) =>
    ids.slice(0, 5).join(', ') + (ids.length > 5 ? ` and ${ids.length - 5} more` : '');
  if (views.unknown.length > 0) notes.push(`There is no run ${list(views.unknown)}.`);
  if (views.withoutAxis.length > 0)
    notes.push(`Not drawn by ${axis}, because no batch size was recorded: run ${list(views.withoutAxis)}.`);
  const odd = views.lines.reduce((sum, line) => sum + line.odd.length, 0);
  if (odd > 0) notes.push('Marks on the frame: NaN or −∞ at the foot, +∞ at the head.');
  return notes;
}

function Legend({
  props,
  lines,
  place,
  focus,
}: {
  props: MetricChartProps;
  lines: readonly PlotLine[];
  place: number | null;
  focus: string | null;
}) {
  const shown = lines.length <= LONGEST_LEGEND ? lines : lines.filter(({ id }) => id === focus);
  const value = (line: PlotLine) => {
    const at = place === null ? line.x.length - 1 : nearest(line, place, Infinity);
    return at === undefined ? null : shownColumn(line)[at];
  };
  const tell = props.formatX ?? ((at: number) => formatPlace(props.axis, at));
  return (
    <ul class="legend" aria-hidden="true">
      {shown.map((line) => (
        <li key={line.id} class={focus !== null && focus !== line.id ? 'faint' : ''}>
          <i class={`stroke ${line.dashed ? 'train' : 'val'}`} style={{ borderColor: line.colour }} />
          {line.label} <b>{metric(props.keys[0]!, value(line))}</b>
        </li>
      ))}
      {lines.length > LONGEST_LEGEND && focus === null && <li class="muted">{lines.length} lines</li>}
      <li class="muted">{place === null ? 'latest' : `${props.axis} ${tell(place)}`}</li>
    </ul>
  );
}

function describe({ title, keys, axis }: MetricChartProps, lines: readonly PlotLine[]): string {
  const ends = lines.slice(0, 8).map((line) => `${line.label} ${metric(keys[0]!, shownColumn(line).at(-1))}`);
  const more = lines.length > 8 ? ` and ${lines.length - 8} more` : '';
  return `${title} by ${axis}; last values: ${ends.join(', ')}${more}`;
}

/** One chart of one metric or more, of one run or many. */
export function MetricChart(props: MetricChartProps) {
  const [place, setPlace] = useState<number | null>(null);
  const [focus, setFocus] = useState<string | null>(null);
  const { lines, notes } = useLines(props);
  const name = props.keys[0]!;
  const formatX = props.formatX ?? ((value: number) => formatPlace(props.axis, value));
  return (
    <figure class="chart">
      <figcaption>
        <h3>{props.title}</h3>
        <Legend props={props} lines={lines} place={place} focus={focus} />
      </figcaption>
      {lines.length === 0 ? (
        <p class="quiet">{notes.length === 0 ? 'No point of this was recorded yet.' : ''}</p>
      ) : (
        <Plot
          lines={lines}
          description={describe(props, lines)}
          zoom={props.zoom}
          onZoom={props.onZoom}
          logX={props.logX}
          logY={props.logY}
          height={props.height ?? 240}
          formatX={formatX}
          formatY={(value) =>
            metric(name, value).endsWith('%')
              ? `${Number((value * 100).toFixed(2))}%`
              : decimal(value)
                  .replace(/(\.\d*?)0+$/, '$1')
                  .replace(/\.$/, '')
          }
          onHover={setPlace}
          focus={focus}
          onFocus={setFocus}
        />
      )}
      {lines.length > 0 && (
        <CurveTable
          title={props.title}
          lines={lines}
          axis={props.axis}
          zoom={props.zoom}
          formatX={formatX}
          name={name}
        />
      )}
      {notes.map((note) => (
        <p key={note} class="muted">
          {note}
        </p>
      ))}
    </figure>
  );
}
