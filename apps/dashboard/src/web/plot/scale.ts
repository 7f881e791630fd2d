/** Where a value lies between two ends, linearly or by its logarithm. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
}

/** Share of the way from `low` to `high`; NaN for what a logarithm does not have. */
export function shareOf({ low, high, log }: Scale, value: number): number {
  if (log) return value > 0 ? Math.log(value / low) / Math.log(high / low) : NaN;
  return (value - low) / (high - low);
}

export function valueAt({ low, high, log }: Scale, share: number): number {
  return log ? low * (high / low) ** share : low + share * (high - low);
}

/** A scale around these ends that is never empty. */
export function scaleFor(low: number, high: number, log: boolean, margin = 0): Scale {
  if (!(low <= high)) return { low: log ? 1 : 0, high: log ? 10 : 1, log };
  if (low === high) {
    const reach = log ? 2 : Math.abs(low) * 0.1 || 1;
    return log
      ? { low: low / reach, high: high * reach, log }
      : { low: low - reach, high: high + reach, log };
  }
  if (log) {
    const factor = (high / low) ** margin;
    return { low: low / factor, high: high * factor, log };
  }
  const reach = (high - low) * margin;
  return { low: low - reach, high: high + reach, log };
}

function linearTicks(low: number, high: number, most: number): number[] {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let at = Math.ceil(low / step); at * step <= high * (1 + 1e-12); at++) {
    ticks.push(Number((at * step).toPrecision(12)));
  }
  return ticks;
}

/** Round values between the ends, about as many as asked for. */
export function ticksOf({ low, high, log }: Scale, most: number): number[] {
  if (!log || high / low < 8) return linearTicks(low, high, most);
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const every = Math.max(1, Math.ceil((last - first) / most));
  const digits = last - first <= 2 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = first; power <= last; power += every) {
    for (const digit of digits) {
      const tick = Number((digit * 10 ** power).toPrecision(12));
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}
