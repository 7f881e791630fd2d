import { z } from 'zod';
import { MetricsInputError } from './errors.ts';
import { normalQuantile } from './normal.ts';

/** Where a number lies, at a stated level of confidence. */
export const Interval = z.strictObject({ low: z.number(), high: z.number() });
export type Interval = z.output<typeof Interval>;

/** @throws MetricsInputError where `level` is no share strictly between 0 and 1. */
export function checkLevel(level: number): void {
  if (!(level > 0 && level < 1)) {
    const hint = level > 1 && level < 100 ? ` (did you mean ${level / 100}?)` : '';
    throw new MetricsInputError(`the level must lie between 0 and 1, like 0.95, got ${level}${hint}`);
  }
}

/** Half the width, in standard errors, of a two-sided normal interval: 1.96 for a level of 0.95. */
export function criticalValue(level: number): number {
  checkLevel(level);
  return -normalQuantile((1 - level) / 2);
}
