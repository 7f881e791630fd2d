import { MetricsInputError } from './errors.ts';
import { criticalValue, type Interval } from './interval.ts';
import { checkCount, type PairedTable } from './mcnemar.ts';
import { bisect } from './student.ts';

/**
 * Tango's score statistic for "accuracy of B minus accuracy of A is `delta`": how many standard errors the difference
 * seen lies above it, the error being that of the most likely table with this difference.
 */
function score(gained: number, lost: number, count: number, delta: number): number {
  const b = -gained - lost + (2 * count - gained + lost) * delta;
  const c = -lost * delta * (1 - delta);
  const root = Math.sqrt(Math.max(0, b * b - 8 * count * c));
  // of the two forms of the root, the one that does not cancel
  const lostShare = b <= 0 ? (root - b) / (4 * count) : (-2 * c) / (b + root);
  const variance = count * (2 * lostShare + delta * (1 - delta));
  const above = gained - lost - count * delta;
  if (above === 0) return 0;
  return variance <= 0 ? Math.sign(above) * Infinity : above / Math.sqrt(variance);
}

/**
 * Interval of accuracy(B) - accuracy(A) on the same samples: Tango's asymptotic score interval, Statistics in
 * Medicine 17:891 (1998); recommended by Fagerland, Lydersen and Laake, Statistics in Medicine 33:2850 (2014). In
 * [-1, 1], never empty, and of sense also where nothing or everything is discordant. For no samples [-1, 1].
 * @param table of {@link pairedTable}. @param level 0.95 for 95 %.
 */
export function tangoInterval(table: PairedTable, level = 0.95): Interval {
  for (const [name, value] of Object.entries(table)) checkCount(value as number, name);
  const { onlyA: lost, onlyB: gained } = table;
  const count = table.bothRight + lost + gained + table.bothWrong;
  const z = criticalValue(level);
  if (count === 0) return { low: -1, high: 1 };
  const seen = (gained - lost) / count;
  return {
    low: seen <= -1 ? -1 : bisect((delta) => z - score(gained, lost, count, delta), -1, seen),
    high: seen >= 1 ? 1 : bisect((delta) => -z - score(gained, lost, count, delta), seen, 1),
  };
}

/** How sure the sample can make us that B is not worse than A by more than `margin`: z and one-sided p. */
export function scoreStatistic(table: PairedTable, delta: number): number {
  if (!(delta > -1 && delta < 1))
    throw new MetricsInputError(`a difference lies within (-1, 1), got ${delta}`);
  const count = table.bothRight + table.onlyA + table.onlyB + table.bothWrong;
  return count === 0 ? 0 : score(table.onlyB, table.onlyA, count, delta);
}
