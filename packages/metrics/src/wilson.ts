import { MetricsInputError } from './errors.ts';
import { criticalValue, type Interval } from './interval.ts';
import { checkCount } from './mcnemar.ts';

/**
 * Wilson's score interval of one share, as `hits` of `count`: for one accuracy or recall. Wilson (1927), JASA 22:209.
 * Within [0, 1] also at 0 and at all; for no samples [0, 1].
 * @throws MetricsInputError for counts that are none, more hits than samples, a level outside (0, 1).
 */
export function wilsonInterval(hits: number, count: number, level = 0.95): Interval {
  checkCount(hits, 'hits');
  checkCount(count, 'count');
  if (hits > count) throw new MetricsInputError(`${hits} hits of only ${count} samples`);
  const z = criticalValue(level);
  if (count === 0) return { low: 0, high: 1 };
  const share = hits / count;
  const scale = 1 + (z * z) / count;
  const centre = (share + (z * z) / (2 * count)) / scale;
  const half = (z * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count))) / scale;
  return { low: hits === 0 ? 0 : centre - half, high: hits === count ? 1 : centre + half };
}
