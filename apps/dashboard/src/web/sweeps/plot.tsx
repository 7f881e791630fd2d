import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Scale } from './scale.ts';
import { hoveredTrial, markedTrial, pickTrial } from './focus.ts';

/** A place for a drawing, and how wide it is now. */
export function useWidth() {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const resize = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    resize.observe(place.current!);
    return () => resize.disconnect();
  }, []);
  return { place, width };
}

/** What stays while the pointer moves, and what moves with it: the first is never painted for the second's sake. */
export interface Layers {
  readonly base: ComponentChildren;
  readonly over?: ComponentChildren;
}

interface DrawingProps {
  readonly height: number;
  /** What a reader who does not see it should know. */
  readonly label: string;
  /** `group` where there is something inside to operate. */
  readonly role?: 'img' | 'group';
  readonly draw: (width: number) => Layers;
}

interface LayeredProps extends Omit<DrawingProps, 'draw'> {
  readonly width: number;
  readonly layers: Layers;
}

function Layered({ width, height, label, role = 'img', layers: { base, over } }: LayeredProps) {
  const named = { role, 'aria-label': label };
  const hidden = { 'aria-hidden': 'true' as const };
  const size = { width, height };
  return (
    <>
      <svg {...size} {...(role === 'img' ? named : hidden)}>
        {base}
      </svg>
      {over !== undefined && (
        <svg class="over" {...size} {...(role === 'img' ? hidden : named)}>
          {over}
        </svg>
      )}
    </>
  );
}

/** An SVG as wide as there is room. */
export function Drawing({ height, label, role = 'img', draw }: DrawingProps) {
  const { place, width } = useWidth();
  return (
    <div ref={place} class="drawing" style={{ height: `${height}px` }}>
      {width > 0 && <Layered width={width} height={height} label={label} role={role} layers={draw(width)} />}
    </div>
  );
}

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface FrameProps {
  readonly box: Box;
  readonly x: Scale;
  readonly y: Scale;
  readonly xTitle?: string;
  readonly yTitle?: string;
}

/** Rules, ticks and their labels. */
export function Frame({ box, x, y, xTitle, yTitle }: FrameProps) {
  const { left, right, top, bottom } = box;
  return (
    <g class="frame" aria-hidden="true">
      {y.ticks.map(({ place, label }) => (
        <g key={label}>
          <line x1={left} x2={right} y1={place} y2={place} />
          <text x={left - 6} y={place + 4} text-anchor="end">
            {label}
          </text>
        </g>
      ))}
      <line class="base" x1={left} x2={right} y1={bottom} y2={bottom} />
      {x.ticks.map(({ place, label }) => (
        <text key={label} x={place} y={bottom + 15} text-anchor="middle">
          {label.length > 12 ? `${label.slice(0, 11)}…` : label}
        </text>
      ))}
      {xTitle !== undefined && (
        <text x={right} y={bottom + 30} text-anchor="end">
          {xTitle}
        </text>
      )}
      {yTitle !== undefined && (
        <text x={left} y={top - 8} text-anchor="start">
          {yTitle}
        </text>
      )}
    </g>
  );
}

export interface Dot {
  readonly number: number;
  readonly x: number;
  readonly y: number;
  /** A class of the style sheet. */
  readonly kind: string;
}

/** A dot is a line of no length with round ends: thousands of them are one path. */
function dotsPath(dots: readonly Dot[]): string {
  return dots.map(({ x, y }) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join('');
}

const REACH = 14;

function nearest(dots: readonly Dot[], x: number, y: number): Dot | undefined {
  let best: Dot | undefined;
  let least = REACH ** 2;
  for (const dot of dots) {
    const distance = (dot.x - x) ** 2 + (dot.y - y) ** 2;
    if (distance < least) [best, least] = [dot, distance];
  }
  return best;
}

/** Dots, and those of trials that are not kept behind them. */
export function Dots({ dots, kept }: { dots: readonly Dot[]; kept: ReadonlySet<number> | null }) {
  const kinds = [...new Set(dots.map(({ kind }) => kind))];
  const isKept = ({ number }: Dot): boolean => kept === null || kept.has(number);
  return (
    <g class={dots.length > 1500 ? 'many' : undefined}>
      <path class="dots faded" d={dotsPath(dots.filter((dot) => !isKept(dot)))} />
      {kinds.map((kind) => (
        <path
          key={kind}
          class={`dots ${kind}`}
          d={dotsPath(dots.filter((dot) => dot.kind === kind && isKept(dot)))}
        />
      ))}
    </g>
  );
}

/** Rings the marked trial's dot. Pointing at a dot marks its trial in every chart, a click picks it. */
export function DotMarks({ dots, box }: { dots: readonly Dot[]; box: Box }) {
  const marked = dots.find(({ number }) => number === markedTrial());
  const find = (event: PointerEvent | MouseEvent): Dot | undefined => {
    const corner = (event.currentTarget as SVGElement).ownerSVGElement!.getBoundingClientRect();
    return nearest(dots, event.clientX - corner.left, event.clientY - corner.top);
  };
  return (
    <g>
      {marked && <circle class="marked" cx={marked.x} cy={marked.y} r={6} />}
      <rect
        class="catcher"
        x={box.left - 8}
        y={box.top - 8}
        width={Math.max(0, box.right - box.left + 16)}
        height={Math.max(0, box.bottom - box.top + 16)}
        onPointerMove={(event) => (hoveredTrial.value = find(event)?.number ?? null)}
        onPointerLeave={() => (hoveredTrial.value = null)}
        onClick={(event) => {
          const dot = find(event);
          if (dot) pickTrial(dot.number);
        }}
      />
    </g>
  );
}
