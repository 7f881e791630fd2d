/** From values to pixels. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  readonly toPixel: (value: number) => number;
  readonly toValue: (pixel: number) => number;
}

const SMALLEST = 1e-12;

/** Linear or logarithmic; a log scale begins at the smallest positive value there is. */
export function makeScale(
  range: readonly [number, number],
  pixels: readonly [number, number],
  log: boolean,
): Scale {
  const [start, end] = pixels;
  const low = log ? Math.max(range[0], SMALLEST) : range[0];
  const high = Math.max(range[1], log ? low * 1.01 : low + SMALLEST);
  const forward = log ? Math.log10 : (value: number) => value;
  const [from, to] = [forward(low), forward(high)];
  const factor = (end - start) / (to - from);
  return {
    low,
    high,
    log,
    toPixel: (value) => start + (forward(log ? Math.max(value, SMALLEST) : value) - from) * factor,
    toValue: (pixel) => {
      const value = from + (pixel - start) / factor;
      return log ? 10 ** value : value;
    },
  };
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const size = rough / power;
  return power * (size <= 1 ? 1 : size <= 2 ? 2 : size <= 5 ? 5 : 10);
}

function linearTicks(low: number, high: number, wanted: number): number[] {
  const step = niceStep((high - low) / wanted);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.max(0, Math.floor(high / step + 1e-9) - first + 1);
  return Array.from({ length: Math.min(count, 50) }, (_, at) =>
    Number(((first + at) * step).toPrecision(12)),
  );
}

/** Whole powers of ten over wide ranges, also 2 and 5 over narrow ones. */
function logTicks(low: number, high: number, wanted: number): number[] {
  const decades = Math.log10(high / low);
  if (decades < 0.7) return linearTicks(low, high, wanted);
  const parts = decades < 2.5 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(decades / wanted));
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += every) {
    for (const part of parts) ticks.push(Number((part * 10 ** power).toPrecision(6)));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}

export function ticksOf({ low, high, log }: Scale, wanted: number): number[] {
  return log ? logTicks(low, high, wanted) : linearTicks(low, high, wanted);
}
