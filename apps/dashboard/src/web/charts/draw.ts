import { resolveColour } from '../shell/colour.ts';
import { ticksOf, type Scale } from './scale.ts';
import { firstAt, shownColumn, type PlotLine } from './scene.ts';

export const MARGIN = { left: 52, right: 10, top: 8, bottom: 24 };

/** Colours as the canvas takes them; asking the style for each line anew is what would cost most. */
function palette(): (colour: string) => string {
  const known = new Map<string, string>();
  return (colour) => {
    const found = known.get(colour) ?? resolveColour(colour);
    known.set(colour, found);
    return found;
  };
}

/** What a canvas shows. */
export interface Scene {
  readonly lines: readonly PlotLine[];
  readonly x: Scale;
  readonly y: Scale;
  readonly width: number;
  readonly height: number;
  readonly formatX: (value: number) => string;
  readonly formatY: (value: number) => string;
  /** Drawn on top, the others fainter. */
  readonly focus: string | null;
}

type Column = readonly (number | null)[];
type Context = CanvasRenderingContext2D;
type Ink = ReturnType<typeof palette>;

function axes(context: Context, scene: Scene, ink: Ink): void {
  const { x, y, width, height } = scene;
  context.strokeStyle = ink('var(--rule)');
  context.fillStyle = ink('var(--muted)');
  context.font = '11px system-ui, sans-serif';
  context.lineWidth = 1;
  context.beginPath();
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const tick of ticksOf(y, Math.max(2, Math.round(height / 45)))) {
    const at = Math.round(y.toPixel(tick)) + 0.5;
    context.moveTo(MARGIN.left, at);
    context.lineTo(width - MARGIN.right, at);
    context.fillText(scene.formatY(tick), MARGIN.left - 6, at);
  }
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (const tick of ticksOf(x, Math.max(2, Math.round(width / 95)))) {
    const at = Math.round(x.toPixel(tick)) + 0.5;
    context.moveTo(at, height - MARGIN.bottom);
    context.lineTo(at, height - MARGIN.bottom + 4);
    context.fillText(scene.formatX(tick), at, height - MARGIN.bottom + 7);
  }
  context.stroke();
}

/** The entries that meet the visible stretch, and one on either side. */
function visible({ x }: PlotLine, scale: Scale): [number, number] {
  return [Math.max(0, firstAt(x, scale.low) - 1), Math.min(x.length, firstAt(x, scale.high) + 2)];
}

function trace(context: Context, scene: Scene, line: PlotLine, column: Column): void {
  const { x, y } = scene;
  const [start, end] = visible(line, x);
  let down = false;
  context.beginPath();
  for (let at = start; at < end; at++) {
    const value = column[at];
    // what no scale can show leaves a gap
    if (value === null || value === undefined || (y.log && value <= 0)) {
      down = false;
      continue;
    }
    const left = x.toPixel(line.x[at]!);
    const top = y.toPixel(value);
    if (down) context.lineTo(left, top);
    else context.moveTo(left, top);
    // a point alone between gaps would not be seen
    if (!down && (at + 1 >= end || typeof column[at + 1] !== 'number')) context.lineTo(left + 1.5, top);
    down = true;
  }
  context.stroke();
}

/** The area between a band's ends. */
function area(context: Context, scene: Scene, { x, low, high, colour }: PlotLine, ink: Ink): void {
  if (low === null || high === null) return;
  const place = (at: number, column: typeof low): [number, number] => [
    scene.x.toPixel(x[at]!),
    scene.y.toPixel(column[at]!),
  ];
  context.fillStyle = ink(colour);
  const whole = [...x.keys()].filter((at) => typeof low[at] === 'number' && typeof high[at] === 'number');
  context.beginPath();
  for (const at of whole) context.lineTo(...place(at, high));
  for (const at of whole.reverse()) context.lineTo(...place(at, low));
  context.fill();
}

/** One upright stroke per entry, from its smallest value to its largest. */
function extremes(context: Context, scene: Scene, line: PlotLine): void {
  const { low, high } = line;
  if (low === null || high === null) return;
  const [start, end] = visible(line, scene.x);
  const wide = (scene.width - MARGIN.left - MARGIN.right) / Math.max(1, end - start);
  context.lineWidth = Math.max(1, Math.min(wide, 4));
  context.beginPath();
  for (let at = start; at < end; at++) {
    const bottom = low[at];
    const top = high[at];
    if (typeof bottom !== 'number' || typeof top !== 'number') continue;
    const left = scene.x.toPixel(line.x[at]!);
    context.moveTo(left, scene.y.toPixel(bottom) + 0.5);
    context.lineTo(left, scene.y.toPixel(top) - 0.5);
  }
  context.stroke();
}

/** NaN and infinities as ticks on the frame: at the foot, or at the head for plus infinity. */
function oddities(context: Context, scene: Scene, line: PlotLine, ink: Ink): void {
  context.fillStyle = ink('var(--worse)');
  for (const [entry, kind] of line.odd) {
    const left = scene.x.toPixel(line.x[entry]!);
    if (kind & 5) context.fillRect(left - 1, scene.height - MARGIN.bottom - 9, 2, 9);
    if (kind & 2) context.fillRect(left - 1, MARGIN.top, 2, 9);
  }
}

/** A band, the extremes, or the raw line behind a smoothed one. */
function behind(context: Context, scene: Scene, line: PlotLine, strength: number, ink: Ink): void {
  if (line.band) {
    context.globalAlpha = strength * 0.18;
    area(context, scene, line, ink);
    return;
  }
  context.globalAlpha = strength * (line.smooth === null ? 0.45 : 0.22);
  extremes(context, scene, line);
  if (line.smooth === null || line.low !== null) return;
  context.lineWidth = 1;
  trace(context, scene, line, line.y);
}

function drawLine(context: Context, scene: Scene, line: PlotLine, ink: Ink): void {
  const strength = scene.focus === null || scene.focus === line.id ? 1 : 0.25;
  const many = scene.lines.length > 20;
  context.strokeStyle = ink(line.colour);
  context.lineJoin = 'round';
  // behind many smoothed lines the raw ones would be a grey cloud, and cost most of the time
  if (!many || line.smooth === null) behind(context, scene, line, strength, ink);
  context.globalAlpha = strength * (many ? 0.75 : 1);
  context.lineWidth = many ? 1 : line.dashed ? 1.25 : 1.9;
  context.setLineDash(line.dashed && !many ? [4, 3] : []);
  trace(context, scene, line, shownColumn(line));
  context.setLineDash([]);
  context.globalAlpha = strength;
  oddities(context, scene, line, ink);
  context.globalAlpha = 1;
}

/** Draws all of a scene; `ratio` is the screen's pixels per CSS pixel. */
export function draw(canvas: HTMLCanvasElement, scene: Scene, ratio: number): void {
  const { width, height, lines, focus } = scene;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d')!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const ink = palette();
  axes(context, scene, ink);
  context.save();
  context.beginPath();
  context.rect(
    MARGIN.left,
    MARGIN.top,
    width - MARGIN.left - MARGIN.right,
    height - MARGIN.top - MARGIN.bottom,
  );
  context.clip();
  for (const line of lines) if (line.id !== focus) drawLine(context, scene, line, ink);
  for (const line of lines) if (line.id === focus) drawLine(context, scene, line, ink);
  context.restore();
}
