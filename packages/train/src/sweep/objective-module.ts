import type { Parameters } from '@atelier/search';
import { pathToFileURL } from 'node:url';
import { ObjectiveModuleInvalid } from './errors.ts';
import type { TrialRunner } from './attempt.ts';

/** What an objective function is given besides the point. */
export interface ObjectiveContext {
  /**
   * Tells the first objective's value on the way; rejects where the trial should end (let it through).
   * `step` rises.
   */
  report(step: number, value: number): Promise<void>;
  /** One of the sweep's seeds. */
  readonly seed: number;
  /** Aborted where the trial should end; its reason says why. */
  readonly signal: AbortSignal;
  /** Of the trial in the sweep. */
  readonly number: number;
}

/** The default export of an objective module: one number per objective. */
export type ObjectiveFunction = (
  parameters: Parameters,
  context: ObjectiveContext,
) => number | readonly number[] | Promise<number | readonly number[]>;

/** Loads a module as a runner of trials. @throws ObjectiveModuleInvalid */
export async function loadObjective(path: string): Promise<TrialRunner> {
  let loaded: { default?: unknown };
  try {
    loaded = (await import(pathToFileURL(path).href)) as { default?: unknown };
  } catch (cause) {
    throw new ObjectiveModuleInvalid(path, `cannot be loaded: ${(cause as Error).message}`, { cause });
  }
  const objective = loaded.default;
  if (typeof objective !== 'function')
    throw new ObjectiveModuleInvalid(
      path,
      `expected a default export async (parameters, { report, seed, signal }) => number, got ${typeof objective}`,
    );
  return async ({ parameters, seed, number }, trial) => {
    const report = (step: number, value: number): Promise<void> => trial.report(step, value);
    const context: ObjectiveContext = { seed, number, signal: trial.signal, report };
    return (objective as ObjectiveFunction)(parameters, context);
  };
}
