import type { MlflowExperiment, MlflowRun } from './records.ts';

/** One logged value as MLflow knows it: `timestamp` in epoch milliseconds. */
export interface MlflowMetric {
  readonly timestamp: number;
  readonly step: number;
  readonly value: number;
}

/** An MLflow store that is being made. Experiments come before their runs, a run before what belongs to it. */
export interface MlflowWriter extends Disposable {
  experiment(experiment: MlflowExperiment): void;
  run(run: MlflowRun, experimentId: string): void;
  /** More values of one metric; a metric's values come in their order, one metric after the other. */
  metrics(key: string, values: readonly MlflowMetric[]): void;
  artifact(path: string, bytes: Uint8Array): void;
  endRun(): void;
  end(): void;
  /** Values the store could not hold because it has the very same one already. */
  readonly repeated: number;
}

/** MLflow's order of values: the latest is the one with the largest step, then time, then value. */
export function isLater(a: MlflowMetric, b: MlflowMetric): boolean {
  if (a.step !== b.step) return a.step > b.step;
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp;
  return storedValue(a.value) > storedValue(b.value);
}

/** SQL stores of MLflow hold NaN as 0 with a mark and infinities as the largest double. */
export function storedValue(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}
