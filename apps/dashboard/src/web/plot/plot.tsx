import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { resolveColour } from '../colour.ts';
import { decimal, duration, metric } from '../format.ts';
import { paint } from '../state/theme.ts';
import { draw, ROOM, type Picture } from './draw.ts';
import type { Axis, PlotLine } from './lines.ts';
import { scaleFor, valueAt, type Scale } from './scale.ts';

export type Zoom = readonly [low: number, high: number] | null;

interface PlotProps {
  readonly title: string;
  /** Says how values are written. */
  readonly name: string;
  readonly lines: readonly PlotLine[];
  readonly axis: Axis;
  readonly logX: boolean;
  readonly logY: boolean;
  readonly zoom: Zoom;
  readonly onZoom: (zoom: Zoom) => void;
  readonly height?: number;
}

/** Lines named in the legend; of more only those nearest to the pointer. */
const NAMED = 8;

function extent(lines: readonly PlotLine[], log: boolean, zoom: Zoom): { x: Scale; y: Scale } {
  const ends = { x: [Infinity, -Infinity], y: [Infinity, -Infinity] };
  const widen = (end: number[], value: number): void => {
    if (!Number.isFinite(value)) return;
    if (value < end[0]!) end[0] = value;
    if (value > end[1]!) end[1] = value;
  };
  for (const line of lines) {
    for (let at = 0; at < line.x.length; at++) {
      const x = line.x[at]!;
      widen(ends.x, x);
      if (zoom !== null && (x < zoom[0] || x > zoom[1])) continue;
      for (const values of [line.y, line.min, line.max]) {
        const value = values?.[at] ?? NaN;
        if (!log || value > 0) widen(ends.y, value);
      }
    }
  }
  const [low, high] = zoom ?? (ends.x as [number, number]);
  return { x: scaleFor(low, high, false), y: scaleFor(ends.y[0]!, ends.y[1]!, log, 0.04) };
}

function withLogX(x: Scale, lines: readonly PlotLine[], logX: boolean, zoom: Zoom): Scale {
  if (!logX) return x;
  if (zoom !== null && zoom[0] > 0) return { ...x, log: true };
  const least = Math.min(...lines.map((line) => line.x.find((value) => value > 0) ?? Infinity));
  return Number.isFinite(least) && x.high > least ? { low: least, high: x.high, log: true } : x;
}

const formatY = (name: string) => (value: number) => {
  const text = metric(name, value);
  return text.endsWith('%')
    ? `${Number((value * 100).toPrecision(4))}%`
    : String(Number(value.toPrecision(4)));
};

export function formatX(axis: Axis): (value: number) => string {
  if (axis === 'time')
    return (value) => (Math.abs(value) < 10 ? `${Number(value.toPrecision(3))} s` : duration(value * 1000));
  return (value) => Number(value.toPrecision(6)).toLocaleString('en');
}

/** The place of a line nearest to x. */
function nearest({ x }: PlotLine, at: number): number {
  let [low, high] = [0, x.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle]! <= at) low = middle;
    else high = middle;
  }
  return Math.abs((x[low] ?? Infinity) - at) <= Math.abs((x[high] ?? Infinity) - at) ? low : high;
}

function Readout({
  lines,
  name,
  axis,
  cursor,
}: {
  lines: readonly PlotLine[];
  name: string;
  axis: Axis;
  cursor: number | null;
}) {
  const shown = lines.slice(0, NAMED);
  return (
    <ul class="legend" aria-hidden="true">
      {shown.map((line) => {
        const at = cursor === null ? line.x.length - 1 : nearest(line, cursor);
        const value = (line.smooth ?? line.y)[at] ?? NaN;
        return (
          <li key={`${line.run}${line.name}`}>
            <i class={line.dashed ? 'stroke train' : 'stroke val'} style={{ borderColor: line.colour }} />
            {line.label} <b>{Number.isNaN(value) && line.x.length > 0 ? 'NaN' : metric(name, value)}</b>
          </li>
        );
      })}
      {lines.length > NAMED && <li class="muted">and {lines.length - NAMED} more</li>}
      <li class="muted">
        {cursor === null ? 'latest' : `${axis} ${axis === 'time' ? formatX(axis)(cursor) : decimal(cursor)}`}
      </li>
    </ul>
  );
}

function describe({ title, name, lines }: PlotProps): string {
  const ends = lines.slice(0, NAMED).map((line) => `${line.label} ${metric(name, line.y.at(-1))}`);
  return `${title}, ${lines.length} ${lines.length === 1 ? 'line' : 'lines'}; last values: ${ends.join(', ')}. Arrow keys move the cursor, plus and minus zoom, Escape shows all.`;
}

/** Lines over one axis. Drag or + and - zoom, a double click or Escape shows all again; the readout follows the pointer. */
export function Plot(props: PlotProps) {
  const { lines, axis, logX, logY, zoom, onZoom, height = 250 } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [cursor, setCursor] = useState<number | null>(null);
  const [grip, setGrip] = useState<number | null>(null);
  const colours = paint.value;
  const scales = useMemo(() => {
    const { x, y } = extent(lines, logY, zoom);
    return { x: withLogX(x, lines, logX, zoom), y };
  }, [lines, logX, logY, zoom?.[0], zoom?.[1]]);
  const hues = useMemo(
    () =>
      new Map(
        [...new Set(lines.map(({ colour }) => colour))].map((colour) => [colour, resolveColour(colour)]),
      ),
    [lines, colours],
  );
  const theme = useMemo(
    () => ({
      ink: resolveColour('var(--muted)'),
      rule: resolveColour('var(--rule)'),
      ground: resolveColour('var(--ground)'),
    }),
    [colours],
  );
  useEffect(() => {
    const box = canvas.current!.parentElement!;
    setWidth(box.clientWidth);
    const resize = new ResizeObserver(() => setWidth(box.clientWidth));
    resize.observe(box);
    return () => resize.disconnect();
  }, []);
  useEffect(() => {
    if (width === 0) return;
    const picture: Picture = {
      width,
      height,
      ...scales,
      ...theme,
      colours: hues,
      cursor,
      formatX: formatX(axis),
      formatY: formatY(props.name),
    };
    draw(canvas.current!, lines, picture);
    canvas.current!.dataset['drawn'] = String(lines.reduce((sum, line) => sum + line.x.length, 0));
  }, [lines, width, height, scales, hues, theme, cursor, axis]);
  const at = (event: PointerEvent): number => {
    const { left } = canvas.current!.getBoundingClientRect();
    const share = (event.clientX - left - ROOM.left) / (width - ROOM.left - ROOM.right);
    return valueAt(scales.x, Math.min(1, Math.max(0, share)));
  };
  const release = (event: PointerEvent): void => {
    if (grip === null) return;
    const [low, high] = [grip, at(event)].sort((a, b) => a - b) as [number, number];
    setGrip(null);
    if (high - low > (scales.x.high - scales.x.low) * 0.01) onZoom([low, high]);
  };
  const step = (share: number): void => {
    const { low, high } = scales.x;
    setCursor(Math.min(high, Math.max(low, (cursor ?? (low + high) / 2) + share * (high - low))));
  };
  const magnify = (factor: number): void => {
    const { low, high } = scales.x;
    const middle = cursor ?? (low + high) / 2;
    onZoom(
      factor > 1 && zoom === null
        ? null
        : [middle - (middle - low) * factor, middle + (high - middle) * factor],
    );
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => step(-0.02),
    ArrowRight: () => step(0.02),
    '+': () => magnify(0.5),
    '=': () => magnify(0.5),
    '-': () => magnify(2),
    Escape: () => onZoom(null),
  };
  const range = { width, x: scales.x };
  const px = (value: number): number =>
    ROOM.left + ((value - range.x.low) / (range.x.high - range.x.low)) * (width - ROOM.left - ROOM.right);
  return (
    <figure class="chart">
      <figcaption>
        <h3>{props.title}</h3>
        <Readout lines={lines} name={props.name} axis={axis} cursor={cursor} />
      </figcaption>
      <div class="plot" style={{ height: `${height}px` }}>
        <canvas
          ref={canvas}
          role="img"
          tabIndex={0}
          aria-label={describe(props)}
          style={{ width: `${width}px`, height: `${height}px` }}
          onPointerMove={(event) => setCursor(at(event))}
          onPointerLeave={() => setCursor(null)}
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            canvas.current!.setPointerCapture(event.pointerId);
            setGrip(at(event));
          }}
          onPointerUp={release}
          onDblClick={() => onZoom(null)}
          onKeyDown={(event) => {
            const act = keys[event.key];
            if (act === undefined) return;
            event.preventDefault();
            act();
          }}
        />
        {grip !== null && cursor !== null && !scales.x.log && (
          <i
            class="drag"
            style={{
              left: `${Math.min(px(grip), px(cursor))}px`,
              width: `${Math.abs(px(grip) - px(cursor))}px`,
            }}
          />
        )}
      </div>
    </figure>
  );
}
