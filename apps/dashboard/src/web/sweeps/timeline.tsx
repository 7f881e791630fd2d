import type { SweepAnalysis } from '../../api/sweep.ts';
import { hoveredTrial, markedTrial, pickTrial } from './focus.ts';
import { type Box, Drawing, Frame } from './plot.tsx';
import { elapsedFormat, linearScale } from './scale.ts';

const LANE = 18;
const MOST_LANES = 24;

interface Bar {
  readonly number: number;
  readonly state: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const outline = ({ x, y, width, height }: Bar): string =>
  `M${x.toFixed(1)} ${y.toFixed(1)}h${width.toFixed(1)}v${height.toFixed(1)}h${(-width).toFixed(1)}z`;

function Bars({ bars }: { bars: readonly Bar[] }) {
  return (
    <>
      {[...new Set(bars.map(({ state }) => state))].map((state) => (
        <path
          key={state}
          class={`bar ${state}`}
          d={bars
            .filter((bar) => bar.state === state)
            .map(outline)
            .join('')}
        />
      ))}
    </>
  );
}

/** Frames the marked trial's bar, and marks the one under the pointer. */
function BarMarks({ bars, box }: { bars: readonly Bar[]; box: Box }) {
  const marked = bars.find(({ number }) => number === markedTrial());
  const find = (event: MouseEvent): Bar | undefined => {
    const corner = (event.currentTarget as SVGElement).ownerSVGElement!.getBoundingClientRect();
    const [x, y] = [event.clientX - corner.left, event.clientY - corner.top];
    return bars.find((bar) => x >= bar.x && x <= bar.x + bar.width && y >= bar.y && y <= bar.y + bar.height);
  };
  return (
    <>
      {marked && <path class="bar-frame" d={outline(marked)} />}
      <rect
        class="catcher"
        x={box.left}
        y={box.top}
        width={Math.max(0, box.right - box.left)}
        height={box.bottom - box.top}
        onPointerMove={(event) => (hoveredTrial.value = find(event)?.number ?? null)}
        onPointerLeave={() => (hoveredTrial.value = null)}
        onClick={(event) => {
          const bar = find(event);
          if (bar) pickTrial(bar.number);
        }}
      />
    </>
  );
}

/** When each trial ran. */
export function TimelineChart({ timeline, now }: { timeline: SweepAnalysis['timeline']; now: number }) {
  const lanes = timeline.reduce((most, { lane }) => Math.max(most, lane + 1), 1);
  const start = timeline.reduce((least, { startedAt }) => Math.min(least, startedAt), Infinity);
  const end = timeline.reduce((most, { endedAt }) => Math.max(most, endedAt ?? now), -Infinity);
  if (end === start) return <p class="quiet">No trial took any time: equal finished trials were reused.</p>;
  const whole = Math.max(1, end - start);
  const height = 44 + Math.min(lanes, MOST_LANES) * LANE;
  const draw = (width: number) => {
    const box: Box = { left: 16, right: width - 16, top: 10, bottom: height - 34 };
    const x = linearScale([0, whole], [box.left, box.right], elapsedFormat(whole));
    const step = (box.bottom - box.top) / lanes;
    const bars = timeline.map(({ number, state, startedAt, endedAt, lane }): Bar => {
      const from = x.at(startedAt - start);
      const length = x.at((endedAt ?? now) - start) - from;
      const place = { x: from, y: box.top + lane * step + 1 };
      return {
        number,
        state: state.toLowerCase(),
        ...place,
        width: Math.max(1.5, length - 1),
        height: Math.max(1, step - 2),
      };
    });
    const base = (
      <>
        <Frame box={box} x={x} y={{ at: () => 0, ticks: [] }} />
        <Bars bars={bars} />
      </>
    );
    return { base, over: <BarMarks bars={bars} box={box} /> };
  };
  const label = `${timeline.length} trials in ${elapsedFormat(whole)(whole)}, up to ${lanes} at a time`;
  return <Drawing height={height} label={label} draw={draw} />;
}
