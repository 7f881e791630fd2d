import { ODD } from '../../api/odd.ts';
import type { PlotLine } from './lines.ts';
import { shareOf, ticksOf, type Scale } from './scale.ts';

/** Room for the numbers beside the axes, in CSS pixels. */
export const ROOM = { left: 52, right: 12, top: 8, bottom: 24 } as const;

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly x: Scale;
  readonly y: Scale;
  /** Resolved colours. */
  readonly ink: string;
  readonly rule: string;
  readonly ground: string;
  readonly colours: ReadonlyMap<string, string>;
  readonly formatX: (value: number) => string;
  readonly formatY: (value: number) => string;
  /** The place under the pointer. */
  readonly cursor: number | null;
}

type Place = (value: number) => number;

export const placeX =
  ({ width, x }: Pick<Picture, 'width' | 'x'>): Place =>
  (value) =>
    ROOM.left + shareOf(x, value) * (width - ROOM.left - ROOM.right);

export const placeY =
  ({ height, y }: Pick<Picture, 'height' | 'y'>): Place =>
  (value) =>
    height - ROOM.bottom - shareOf(y, value) * (height - ROOM.top - ROOM.bottom);

function drawAxes(context: CanvasRenderingContext2D, picture: Picture): void {
  const { width, height, x, y } = picture;
  const [px, py] = [placeX(picture), placeY(picture)];
  context.font = '11px system-ui, sans-serif';
  context.lineWidth = 1;
  context.strokeStyle = picture.rule;
  context.fillStyle = picture.ink;
  context.beginPath();
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const tick of ticksOf(y, Math.max(2, height / 44))) {
    const at = Math.round(py(tick)) + 0.5;
    context.moveTo(ROOM.left, at);
    context.lineTo(width - ROOM.right, at);
    context.fillText(picture.formatY(tick), ROOM.left - 6, at);
  }
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (const tick of ticksOf(x, Math.max(2, width / 90))) {
    const at = Math.round(px(tick)) + 0.5;
    context.moveTo(at, ROOM.top);
    context.lineTo(at, height - ROOM.bottom);
    context.fillText(picture.formatX(tick), at, height - ROOM.bottom + 6);
  }
  context.stroke();
}

function trace(
  context: CanvasRenderingContext2D,
  xs: Float64Array,
  ys: Float64Array,
  px: Place,
  py: Place,
): void {
  context.beginPath();
  let open = false;
  for (let at = 0; at < xs.length; at++) {
    const [x, y] = [px(xs[at]!), py(ys[at]!)];
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      open = false;
      continue;
    }
    if (open) context.lineTo(x, y);
    else context.moveTo(x, y);
    open = true;
  }
  context.stroke();
}

/** From the least to the largest value of each place: no extreme is lost however many points it stands for. */
function drawExtremes(context: CanvasRenderingContext2D, line: PlotLine, px: Place, py: Place): void {
  context.beginPath();
  for (let at = 0; at < line.x.length; at++) {
    const [low, high] = [line.min![at]!, line.max![at]!];
    if (!(high > low)) continue;
    const x = px(line.x[at]!);
    const bottom = py(low);
    context.moveTo(x, Number.isNaN(bottom) ? 1e5 : bottom);
    context.lineTo(x, py(high));
  }
  context.stroke();
}

function drawBand(context: CanvasRenderingContext2D, line: PlotLine, px: Place, py: Place): void {
  context.beginPath();
  const whole = [...line.x.keys()].filter((at) => !Number.isNaN(line.y[at]!));
  for (const at of whole) context.lineTo(px(line.x[at]!), py(line.max![at]!));
  for (const at of whole.reverse()) context.lineTo(px(line.x[at]!), py(line.min![at]!));
  context.fill();
}

/** What has no place on the axis is said at its edge: NaN below, infinities where they point. */
function drawOdd(context: CanvasRenderingContext2D, line: PlotLine, picture: Picture, px: Place): void {
  context.textAlign = 'center';
  context.font = '600 10px system-ui, sans-serif';
  const free = { up: -Infinity, down: -Infinity };
  line.odd!.forEach((bits, at) => {
    if (bits === 0) return;
    const x = px(line.x[at]!);
    const up = (bits & ODD.infinity) !== 0;
    const edge = up ? 'up' : 'down';
    if (x < free[edge]) return;
    free[edge] = x + 26;
    context.textBaseline = up ? 'top' : 'bottom';
    const text = up ? '+∞' : (bits & ODD.nan) !== 0 ? 'NaN' : '−∞';
    context.fillText(text, x, up ? ROOM.top + 2 : picture.height - ROOM.bottom - 2);
  });
}

function drawLine(context: CanvasRenderingContext2D, line: PlotLine, picture: Picture, many: boolean): void {
  const [px, py] = [placeX(picture), placeY(picture)];
  const colour = picture.colours.get(line.colour) ?? picture.ink;
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.setLineDash(line.dashed && !many ? [4, 3] : []);
  if (line.band) {
    context.globalAlpha = 0.16;
    drawBand(context, line, px, py);
  } else if (line.min !== undefined) {
    context.setLineDash([]);
    context.lineWidth = 1;
    context.globalAlpha = line.smooth === undefined ? 0.4 : 0.2;
    drawExtremes(context, line, px, py);
  }
  context.lineWidth = line.smooth === undefined ? (many ? 1.1 : 1.7) : 1;
  context.globalAlpha = line.smooth === undefined ? (many ? 0.75 : 1) : 0.28;
  trace(context, line.x, line.y, px, py);
  context.setLineDash([]);
  context.globalAlpha = 1;
  if (line.smooth !== undefined) {
    context.lineWidth = many ? 1.2 : 2;
    context.setLineDash(line.dashed && !many ? [5, 3] : []);
    trace(context, line.x, line.smooth, px, py);
    context.setLineDash([]);
  }
  if (line.odd !== undefined) drawOdd(context, line, picture, px);
  if (line.x.length === 1) {
    context.beginPath();
    context.arc(px(line.x[0]!), py(line.y[0]!), 3, 0, 7);
    context.fill();
  }
}

/** Everything, at the resolution of the screen. */
export function draw(canvas: HTMLCanvasElement, lines: readonly PlotLine[], picture: Picture): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const ratio = devicePixelRatio || 1;
  const [wide, high] = [Math.round(picture.width * ratio), Math.round(picture.height * ratio)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, picture.width, picture.height);
  drawAxes(context, picture);
  context.save();
  context.beginPath();
  context.rect(ROOM.left, 0, picture.width - ROOM.left - ROOM.right + 4, picture.height - ROOM.bottom + 2);
  context.clip();
  for (const line of lines) drawLine(context, line, picture, lines.length > 12);
  if (picture.cursor !== null) {
    context.strokeStyle = picture.ink;
    context.lineWidth = 1;
    context.beginPath();
    const at = Math.round(placeX(picture)(picture.cursor)) + 0.5;
    context.moveTo(at, ROOM.top);
    context.lineTo(at, picture.height - ROOM.bottom);
    context.stroke();
  }
  context.restore();
}
