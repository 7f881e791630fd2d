import { decodeColumns, encodeColumns } from './columns.ts';

/** Points of one curve in the order they were logged. `epoch` is NaN where there is none. Columns of one length. */
export interface PointColumns {
  readonly step: Float64Array;
  readonly seq: Float64Array;
  readonly epoch: Float64Array;
  readonly wallTime: Float64Array;
  readonly value: Float64Array;
}

/**
 * Runs of neighbouring points summed up, one entry each. `min` and `max` are of the finite values (NaN where there is
 * none); `odd` is a set of {@link HAS_NAN}, {@link HAS_INFINITY}, {@link HAS_NEGATIVE_INFINITY}; `last`, `epoch` and
 * `wallTime` belong to the last point.
 */
export interface SpanColumns {
  readonly stepMin: Float64Array;
  readonly stepMax: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly last: Float64Array;
  readonly epoch: Float64Array;
  readonly wallTime: Float64Array;
  readonly odd: Float64Array;
}

export const HAS_NAN = 1;
export const HAS_INFINITY = 2;
export const HAS_NEGATIVE_INFINITY = 4;

export function encodePoints({ step, seq, epoch, wallTime, value }: PointColumns): Buffer {
  return encodeColumns([step, seq, epoch, wallTime, value]);
}

export function decodePoints(blob: Uint8Array): PointColumns {
  const [step, seq, epoch, wallTime, value] = decodeColumns(blob, 5) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return { step, seq, epoch, wallTime, value };
}

const SPAN_KEYS = ['stepMax', 'stepMin', 'min', 'max', 'last', 'epoch', 'wallTime', 'odd'] as const;

export function encodeSpans(spans: SpanColumns): Buffer {
  return encodeColumns(SPAN_KEYS.map((key) => spans[key]));
}

export function decodeSpans(blob: Uint8Array): SpanColumns {
  const columns = decodeColumns(blob, SPAN_KEYS.length);
  return Object.fromEntries(SPAN_KEYS.map((key, at) => [key, columns[at]!])) as Record<
    (typeof SPAN_KEYS)[number],
    Float64Array
  >;
}

/** What `decode` gives; undefined where the bytes are damaged: a bad block must not take the other ones with it. */
export function readable<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The points of a row; undefined where it is damaged. */
export function pointsOf({
  count,
  data,
}: {
  readonly count: number;
  readonly data: Buffer;
}): PointColumns | undefined {
  const points = readable(() => decodePoints(data));
  return points?.step.length === count ? points : undefined;
}

export function slicePoints(points: PointColumns, from: number, to: number): PointColumns {
  return {
    step: points.step.slice(from, to),
    seq: points.seq.slice(from, to),
    epoch: points.epoch.slice(from, to),
    wallTime: points.wallTime.slice(from, to),
    value: points.value.slice(from, to),
  };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function joinPoints(parts: readonly PointColumns[]): PointColumns {
  if (parts.length === 1) return parts[0]!;
  return {
    step: joined(parts.map((part) => part.step)),
    seq: joined(parts.map((part) => part.seq)),
    epoch: joined(parts.map((part) => part.epoch)),
    wallTime: joined(parts.map((part) => part.wallTime)),
    value: joined(parts.map((part) => part.value)),
  };
}

export function joinSpans(parts: readonly SpanColumns[]): SpanColumns {
  if (parts.length === 1) return parts[0]!;
  return Object.fromEntries(
    SPAN_KEYS.map((key) => [key, joined(parts.map((part) => part[key]))]),
  ) as unknown as SpanColumns;
}

export function emptySpans(length: number): SpanColumns {
  return Object.fromEntries(
    SPAN_KEYS.map((key) => [key, new Float64Array(length)]),
  ) as unknown as SpanColumns;
}

function oddity(value: number): number {
  if (Number.isNaN(value)) return HAS_NAN;
  return value > 0 ? HAS_INFINITY : HAS_NEGATIVE_INFINITY;
}

/** Sums up `span` points at a time; the last entry takes what is left. */
export function spansOfPoints(points: PointColumns, span: number): SpanColumns {
  const { step, epoch, wallTime, value } = points;
  const spans = emptySpans(Math.ceil(step.length / span));
  for (let entry = 0; entry < spans.last.length; entry++) {
    const end = Math.min((entry + 1) * span, step.length);
    let low = Infinity;
    let high = -Infinity;
    let stepMin = Infinity;
    let stepMax = -Infinity;
    let odd = 0;
    for (let at = entry * span; at < end; at++) {
      const y = value[at]!;
      const x = step[at]!;
      if (x < stepMin) stepMin = x;
      if (x > stepMax) stepMax = x;
      if (!Number.isFinite(y)) odd |= oddity(y);
      else {
        if (y < low) low = y;
        if (y > high) high = y;
      }
    }
    spans.stepMin[entry] = stepMin;
    spans.stepMax[entry] = stepMax;
    spans.min[entry] = low === Infinity ? NaN : low;
    spans.max[entry] = high === -Infinity ? NaN : high;
    spans.last[entry] = value[end - 1]!;
    spans.epoch[entry] = epoch[end - 1]!;
    spans.wallTime[entry] = wallTime[end - 1]!;
    spans.odd[entry] = odd;
  }
  return spans;
}

/** Sums up `factor` entries at a time; the last entry takes what is left. */
export function coarser(fine: SpanColumns, factor: number): SpanColumns {
  if (factor === 1) return fine;
  const spans = emptySpans(Math.ceil(fine.last.length / factor));
  for (let entry = 0; entry < spans.last.length; entry++) {
    const end = Math.min((entry + 1) * factor, fine.last.length);
    let low = NaN;
    let high = NaN;
    let stepMin = Infinity;
    let stepMax = -Infinity;
    let odd = 0;
    for (let at = entry * factor; at < end; at++) {
      if (!(fine.min[at]! >= low)) low = Number.isNaN(fine.min[at]!) ? low : fine.min[at]!;
      if (!(fine.max[at]! <= high)) high = Number.isNaN(fine.max[at]!) ? high : fine.max[at]!;
      if (fine.stepMin[at]! < stepMin) stepMin = fine.stepMin[at]!;
      if (fine.stepMax[at]! > stepMax) stepMax = fine.stepMax[at]!;
      odd |= fine.odd[at]!;
    }
    spans.stepMin[entry] = stepMin;
    spans.stepMax[entry] = stepMax;
    spans.min[entry] = low;
    spans.max[entry] = high;
    spans.last[entry] = fine.last[end - 1]!;
    spans.epoch[entry] = fine.epoch[end - 1]!;
    spans.wallTime[entry] = fine.wallTime[end - 1]!;
    spans.odd[entry] = odd;
  }
  return spans;
}
