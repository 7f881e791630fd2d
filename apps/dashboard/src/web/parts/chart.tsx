import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { resolveColour } from '../colour.ts';
import { decimal, metric } from '../format.ts';
import { paint } from '../state/theme.ts';
import { align, type Line, type XAxis } from './series.ts';

interface ChartProps {
  readonly title: string;
  readonly name: string;
  readonly lines: readonly Line[];
  readonly axis: XAxis;
  readonly smoothing?: number;
  readonly height?: number;
}

function seriesOf(line: Line): uPlot.Series {
  const stroke = resolveColour(line.colour);
  const points = { show: line.points.length < 3, size: 5, fill: stroke };
  if (line.kind === 'val')
    return { stroke, width: 2, spanGaps: true, points: { ...points, show: line.points.length < 60 } };
  return {
    stroke: resolveColour(`color-mix(in oklab, ${line.colour} 55%, var(--ground))`),
    width: 1.25,
    dash: [4, 3],
    spanGaps: true,
    points,
  };
}

function optionsFor(
  props: ChartProps,
  width: number,
  onHover: (index: number | null) => void,
): uPlot.Options {
  const ink = resolveColour('var(--muted)');
  const grid = { stroke: resolveColour('var(--rule)'), width: 1 };
  const text = { stroke: ink, font: '11px system-ui, sans-serif', grid, ticks: { ...grid, size: 4 } };
  return {
    width,
    height: props.height ?? 240,
    legend: { show: false },
    cursor: { y: false, points: { size: 7 }, drag: { x: true, y: false }, focus: { prox: 24 } },
    scales: { x: { time: false } },
    axes: [
      {
        ...text,
        size: 28,
        values: (_, ticks) => ticks.map((tick) => Number(tick.toPrecision(6)).toLocaleString('en')),
      },
      {
        ...text,
        size: 48,
        values: (_, ticks) =>
          ticks.map((tick) =>
            metric(props.name, tick).endsWith('%')
              ? `${Number((tick * 100).toFixed(1))}%`
              : String(Number(tick.toPrecision(4))),
          ),
      },
    ],
    series: [{}, ...props.lines.map(seriesOf)],
    hooks: { setCursor: [(plot) => onHover(plot.cursor.idx ?? null)] },
  };
}

/** The line's value at a place, or the nearest before it. */
function valueAt(column: ArrayLike<number | null | undefined> | undefined, index: number): number | null {
  for (let at = index; column !== undefined && at >= 0; at--) {
    const value = column[at];
    if (typeof value === 'number') return value;
  }
  return null;
}

function Legend({
  props,
  data,
  index,
}: {
  props: ChartProps;
  data: uPlot.AlignedData;
  index: number | null;
}) {
  const at = index ?? data[0].length - 1;
  return (
    <ul class="legend" aria-hidden="true">
      {props.lines.map((line, column) => (
        <li key={`${line.id}${line.kind}`}>
          <i class={`stroke ${line.kind}`} style={{ borderColor: line.colour }} />
          {line.label} <b>{metric(props.name, valueAt(data[column + 1], at))}</b>
        </li>
      ))}
      <li class="muted">{index === null ? 'latest' : `${props.axis} ${decimal(data[0][at])}`}</li>
    </ul>
  );
}

function describe({ title, name, lines }: ChartProps): string {
  const ends = lines.map((line) => `${line.label} ${metric(name, line.points.at(-1)?.value)}`);
  return `${title}; last values: ${ends.join(', ')}`;
}

/** A canvas of lines with a legend that follows the pointer; drag zooms, a double click shows all again. */
export function Chart(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [hover, setHover] = useState<number | null>(null);
  const { lines, axis, smoothing = 0 } = props;
  const data = useMemo(() => align(lines, axis, smoothing), [lines, axis, smoothing]);
  const shape = lines.map((line) => `${line.id}${line.kind}${line.points.length < 3}`).join();
  const colours = paint.value;
  useEffect(() => {
    const box = place.current!;
    const drawn = new uPlot(optionsFor(props, box.clientWidth, setHover), data, box);
    plot.current = drawn;
    const resize = new ResizeObserver(() =>
      drawn.setSize({ width: box.clientWidth, height: props.height ?? 240 }),
    );
    resize.observe(box);
    return () => {
      resize.disconnect();
      drawn.destroy();
    };
  }, [shape, axis, colours]);
  useEffect(() => plot.current?.setData(data), [data]);
  return (
    <figure class="chart">
      <figcaption>
        <h3>{props.title}</h3>
        <Legend props={props} data={data} index={hover} />
      </figcaption>
      <div ref={place} role="img" aria-label={describe(props)} />
    </figure>
  );
}
