import type { EarlyStopping, ReduceOnPlateau } from './config.ts';
import type { EpochMetrics } from './events.ts';

/** How often a monitored number may fail to improve, and whether a smaller or a larger one is better. */
type Watch = Pick<EarlyStopping, 'monitor' | 'minDelta' | 'patience'>;

/** Where the watch stands after some epochs. */
export interface PatienceState {
  readonly best: number;
  readonly bestEpoch: number;
  /** Epochs since the last improvement (or since patience last ran out). */
  readonly waited: number;
}

/** Nothing seen yet. */
export const FRESH: PatienceState = { best: Number.NaN, bestEpoch: 0, waited: 0 };

function improves(watch: Watch, value: number, best: number): boolean {
  if (Number.isNaN(best)) return true;
  return watch.monitor === 'val/loss' ? value < best - watch.minDelta : value > best + watch.minDelta;
}

/** The state after one more epoch. */
export function watchEpoch(
  watch: Watch,
  state: PatienceState,
  epoch: number,
  metrics: EpochMetrics,
): PatienceState {
  const value = metrics[watch.monitor];
  if (improves(watch, value, state.best)) return { best: value, bestEpoch: epoch, waited: 0 };
  return { ...state, waited: state.waited + 1 };
}

/** Whether patience has run out. */
export function isExhausted(watch: Watch, state: PatienceState): boolean {
  return state.waited >= watch.patience;
}

/** The next learning rate on a plateau; never below `minLearningRate`, and never above the present one. */
export function reducedRate(plateau: ReduceOnPlateau, rate: number): number {
  return Math.min(rate, Math.max(rate * plateau.factor, plateau.minLearningRate));
}
