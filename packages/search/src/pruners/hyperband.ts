import { crc32 } from 'node:zlib';
import type { Trial } from '../trial.ts';
import { ashaPruner } from './asha.ts';
import { firstCompleted, keep, type Pruner, type PrunerContext } from './pruner.ts';
import type { HyperbandSettings } from './spec.ts';

/**
 * Trials of each bracket in a round, from the one that prunes first to the one that never does: ceil(B eta^s / (s + 1))
 * for s = B - 1 .. 0, where B = floor(log_eta(R / r)) + 1.
 */
export function bracketSizes(settings: HyperbandSettings, maxResource: number): number[] {
  const { minResource, reductionFactor } = settings;
  const brackets = Math.floor(Math.log(maxResource / minResource) / Math.log(reductionFactor)) + 1;
  return Array.from({ length: Math.max(1, brackets) }, (_, bracket) => {
    const s = brackets - 1 - bracket;
    return Math.ceil((brackets * reductionFactor ** s) / (s + 1));
  });
}

/** Which bracket a trial belongs to: a hash of seed and number, so that no order of events can move it. */
export function bracketOf(number: number, seed: number, sizes: readonly number[]): number {
  const round = sizes.reduce((sum, size) => sum + size, 0);
  let place = crc32(`${seed}_${number}`) % round;
  return sizes.findIndex((size) => (place -= size) < 0);
}

/** Steps of a whole trial; undefined until one has completed. */
function wholeTrial(history: readonly Trial[], { maxResource }: HyperbandSettings): number | undefined {
  if (maxResource !== 'auto') return maxResource;
  const last = firstCompleted(history)?.reports.at(-1)?.step;
  return last === undefined ? undefined : last + 1;
}

/**
 * Hyperband: Li et al., JMLR 18 (2018), over asynchronous halving: each bracket is an ASHA of its own with another first
 * rung, and sees its own trials alone. Brackets by CRC-32 of `seed_number`, sizes as Optuna's HyperbandPruner.
 */
export function hyperbandPruner(settings: HyperbandSettings, { objective, seed }: PrunerContext): Pruner {
  const { minResource, reductionFactor, bootstrapCount } = settings;
  return {
    judge(history, trial) {
      const whole = wholeTrial(history, settings);
      if (whole === undefined) return keep('brackets are set once a trial has completed');
      const sizes = bracketSizes(settings, whole);
      const bracket = bracketOf(trial.number, seed, sizes);
      const rivals = history.filter((other) => bracketOf(other.number, seed, sizes) === bracket);
      const asha = { minResource, reductionFactor, bootstrapCount, minEarlyStoppingRate: bracket } as const;
      const inner = ashaPruner({ kind: 'asha', rule: 'halving', ...asha }, objective);
      const judgement = inner.judge(rivals, trial);
      return { ...judgement, reason: `bracket ${bracket} of ${sizes.length}: ${judgement.reason}` };
    },
  };
}
