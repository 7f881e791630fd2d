import { useRef } from 'preact/hooks';
import type { SweepAnalysis, SweepAxis, SweepObjective } from '../../api/sweep.ts';
import { brushesNow, draftBrush, keepBrushes, withBrush } from './brush.ts';
import { markedTrial } from './focus.ts';
import { Drawing } from './plot.tsx';
import { metricFormat, settingText, short, shortNames } from './scale.ts';

type Parallel = SweepAnalysis['parallel'];

const TOP = 40;
const HEIGHT = 356;
const BOTTOM = HEIGHT - 34;
/** Where lines pass an axis whose setting they do not have. */
const OFF = BOTTOM + 22;
/** Room for the names of the last axis. */
const MARGIN = 46;
const LEAST_PER_AXIS = 104;
const SHADES = 7;

/** An axis as it is drawn: parameters and objectives alike. */
interface Rail {
  readonly name: string;
  readonly title: string;
  readonly ticks: readonly { readonly share: number; readonly label: string }[];
  /** What a share of the range means. */
  readonly text: (share: number) => string;
  /** One press of an arrow key. */
  readonly step: number;
}

function valueAt({ scale, low, high }: SweepAxis, share: number): number {
  return scale === 'log' ? low * (high / low) ** share : low + share * (high - low);
}

function parameterRail(axis: SweepAxis, title: string): Rail {
  const { path, choices } = axis;
  if (!choices) {
    const text = (share: number): string => short(valueAt(axis, share));
    return {
      name: path,
      title,
      text,
      step: 0.05,
      ticks: [0, 0.5, 1].map((share) => ({ share, label: text(share) })),
    };
  }
  const count = choices.length;
  const shareOf = (index: number): number => (count === 1 ? 0.5 : index / (count - 1));
  const text = (share: number): string => settingText(choices[Math.round(share * (count - 1))]);
  return {
    name: path,
    title,
    text,
    step: 1 / Math.max(1, count - 1),
    ticks: choices.map((choice, i) => ({ share: shareOf(i), label: settingText(choice) })),
  };
}

function objectiveRail({ metric, low, high }: Parallel['objectives'][number]): Rail {
  const format = metricFormat(metric);
  const text = (share: number): string => format(low + share * (high - low));
  return {
    name: metric,
    title: metric,
    text,
    step: 0.05,
    ticks: [0, 0.5, 1].map((share) => ({ share, label: text(share) })),
  };
}

const yOf = (share: number): number => BOTTOM - share * (BOTTOM - TOP);
const shareOf = (y: number): number => Math.min(1, Math.max(0, (BOTTOM - y) / (BOTTOM - TOP)));

interface HandleProps {
  readonly rail: Rail;
  readonly x: number;
  readonly end: 0 | 1;
  readonly range: readonly [number, number];
}

/** One end of a brush, moved by the arrow keys. */
function Handle({ rail, x, end, range }: HandleProps) {
  const move = (event: KeyboardEvent): void => {
    const by = { ArrowUp: rail.step, ArrowRight: rail.step, ArrowDown: -rail.step, ArrowLeft: -rail.step }[
      event.key
    ];
    const to =
      event.key === 'Home' ? 0 : event.key === 'End' ? 1 : by === undefined ? undefined : range[end] + by;
    if (to === undefined) return;
    event.preventDefault();
    const low = end === 0 ? Math.min(to, range[1]) : range[0];
    const high = end === 1 ? Math.max(to, range[0]) : range[1];
    keepBrushes(withBrush(brushesNow(), rail.name, [low, high]));
  };
  return (
    <rect
      class="handle"
      role="slider"
      // attributes of SVG are case-sensitive
      tabindex={0}
      aria-orientation="vertical"
      aria-label={`${rail.name} ${end === 0 ? 'at least' : 'at most'}`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(range[end] * 100)}
      aria-valuetext={rail.text(range[end])}
      x={x - 8}
      y={yOf(range[end]) - (end === 1 ? 5 : 0)}
      width={16}
      height={5}
      rx={2}
      onKeyDown={move}
    />
  );
}

function RailView({ rail, x, isLast }: { rail: Rail; x: number; isLast: boolean }) {
  const drag = useRef<number | null>(null);
  const range = brushesNow().get(rail.name) ?? ([0, 1] as const);
  const isBrushed = brushesNow().has(rail.name);
  const placeOf = (event: PointerEvent): number =>
    shareOf(event.clientY - (event.currentTarget as SVGElement).ownerSVGElement!.getBoundingClientRect().top);
  const begin = (event: PointerEvent): void => {
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    const at = placeOf(event);
    // near an end of the brush the other end stays where it is
    const near = isBrushed ? range.findIndex((end) => Math.abs(end - at) < 0.04) : -1;
    drag.current = near < 0 ? at : range[1 - near]!;
  };
  const finish = (event: PointerEvent): void => {
    const isClick = drag.current !== null && Math.abs(drag.current - placeOf(event)) < 0.01;
    drag.current = null;
    keepBrushes(isClick ? withBrush(brushesNow(), rail.name, [0, 1]) : undefined);
  };
  return (
    <g class="rail">
      <line x1={x} x2={x} y1={TOP} y2={BOTTOM} />
      <text class="rail-title" x={x} y={18} text-anchor="middle">
        <title>{rail.name}</title>
        {rail.title.length > 15 ? `${rail.title.slice(0, 14)}…` : rail.title}
      </text>
      {isBrushed && (
        <rect
          class="brush"
          x={x - 8}
          y={yOf(range[1])}
          width={16}
          height={Math.max(3, yOf(range[0]) - yOf(range[1]))}
        />
      )}
      {rail.ticks.map(({ share, label }) => (
        <text
          key={`${share}`}
          class="tick"
          x={isLast ? x - 10 : x + 10}
          y={yOf(share) + 4}
          text-anchor={isLast ? 'end' : 'start'}
        >
          {label.length > 11 ? `${label.slice(0, 10)}…` : label}
        </text>
      ))}
      <rect
        class="track"
        x={x - 12}
        y={TOP - 8}
        width={24}
        height={BOTTOM - TOP + 16}
        onPointerDown={begin}
        onPointerMove={(event) =>
          drag.current !== null && draftBrush(rail.name, [drag.current, placeOf(event)])
        }
        onPointerUp={finish}
        onPointerCancel={() => (drag.current = null)}
      />
      <Handle rail={rail} x={x} end={1} range={range} />
      <Handle rail={rail} x={x} end={0} range={range} />
    </g>
  );
}

type TrialLine = Parallel['lines'][number];

/** On its own, so that a moving pointer draws one line and not all of them anew. */
function MarkedLine({ lines, pathOf }: { lines: readonly TrialLine[]; pathOf: (line: TrialLine) => string }) {
  const marked = lines.find(({ number }) => number === markedTrial());
  return marked ? <path class="line on" d={pathOf(marked)} /> : null;
}

/** More lines than this are one grey area, and slow. */
export const MOST_LINES = 2000;

/** At most so many lines: of the trials kept before the others, evenly by number. */
function linesDrawn(lines: readonly TrialLine[], kept: ReadonlySet<number> | null): readonly TrialLine[] {
  if (lines.length <= MOST_LINES) return lines;
  const wanted = kept === null ? lines : lines.filter(({ number }) => kept.has(number));
  const every = Math.ceil(wanted.length / MOST_LINES);
  return wanted.filter((_, place) => place % every === 0);
}

interface ParallelProps {
  readonly parallel: Parallel;
  readonly objectives: readonly SweepObjective[];
  /** The objective that colours the lines. */
  readonly index: number;
  readonly kept: ReadonlySet<number> | null;
}

/** Every completed trial as a line over all settings and objectives; axes are brushed by dragging, or by their handles. */
export function ParallelChart({ parallel, objectives, index, kept }: ParallelProps) {
  const names = shortNames(parallel.axes.map(({ path }) => path));
  const rails = [
    ...parallel.axes.map((axis) => parameterRail(axis, names.get(axis.path)!)),
    ...parallel.objectives.map(objectiveRail),
  ];
  const draw = (width: number) => {
    const xOf = (place: number): number =>
      MARGIN + (place / Math.max(1, rails.length - 1)) * (width - 2 * MARGIN);
    const pathOf = ({ places, values }: TrialLine): string =>
      [...places, ...values]
        .map(
          (share, place) =>
            `${place === 0 ? 'M' : 'L'}${xOf(place).toFixed(1)} ${(share === null ? OFF : yOf(share)).toFixed(1)}`,
        )
        .join('');
    const shades: string[][] = Array.from({ length: SHADES }, () => []);
    const faded: string[] = [];
    for (const line of linesDrawn(parallel.lines, kept)) {
      const value = line.values[index]!;
      const goodness = objectives[index]?.direction === 'minimize' ? 1 - value : value;
      if (kept === null || kept.has(line.number))
        shades[Math.round(goodness * (SHADES - 1))]!.push(pathOf(line));
      else faded.push(pathOf(line));
    }
    const base = (
      <>
        <path class="line faded" d={faded.join('')} />
        {shades.map((paths, shade) => (
          <path key={shade} class="line" style={{ '--good': shade / (SHADES - 1) }} d={paths.join('')} />
        ))}
      </>
    );
    const over = (
      <>
        <MarkedLine lines={parallel.lines} pathOf={pathOf} />
        {parallel.axes.map((axis, place) =>
          parallel.lines.some(({ places }) => places[place] === null) ? (
            <text key={axis.path} class="off" x={xOf(place) + 10} y={OFF + 4}>
              not set
            </text>
          ) : null,
        )}
        {rails.map((rail, place) => (
          <RailView key={rail.name} rail={rail} x={xOf(place)} isLast={place === rails.length - 1} />
        ))}
      </>
    );
    return { base, over };
  };
  const label = `${parallel.lines.length} completed trials over ${rails.length} axes. Each axis has two handles that narrow the trials shown.`;
  return (
    <div class="scroll">
      <div style={{ minWidth: `${rails.length * LEAST_PER_AXIS}px` }}>
        <Drawing height={HEIGHT} label={label} role="group" draw={draw} />
      </div>
    </div>
  );
}
