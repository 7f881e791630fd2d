import * as tf from '@tensorflow/tfjs-core';
import { OPTIMIZER_UPDATE, type OptimizerKind, type OptimizerUpdateAttrs } from './kernels.ts';
import { FlatUpdate } from './flat-update.ts';
import { ownMemory } from './moving-average.ts';
import { isNative, runNative } from './native.ts';

/** How parameters move; see `OptimizerUpdate` in kernels.ts for the formulas. */
export type UpdateRule = Omit<OptimizerUpdateAttrs, 'count'>;

/** The rule with Keras's defaults for what is not given. */
export function updateRule(
  kind: OptimizerKind,
  settings: Partial<Omit<UpdateRule, 'kind'>> = {},
): UpdateRule {
  const defaults = { momentum: 0, nesterov: false, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0 };
  return { ...defaults, ...settings, kind };
}

/** What changes from step to step: [rate, 1 - beta1^step, 1 - beta2^step, 0], step counted from 1. */
export function updateHyper(rule: UpdateRule, step: number, rate: number): Float32Array {
  return Float32Array.of(rate, 1 - rule.beta1 ** step, 1 - rule.beta2 ** step, 0);
}

/** Moves all parameters in one call; owns the moments. */
export interface ParameterUpdate {
  /**
   * @param gradients one per parameter, of its shape
   * @param hyper [4], from `updateHyper`
   */
  apply(gradients: readonly tf.Tensor[], hyper: tf.Tensor1D): void;
  /** What it keeps from step to step, always in the same order. */
  readonly moments: readonly tf.Variable[];
  dispose(): void;
}

/**
 * An optimizer over `parameters`: natively in place where the engine can, else composed over all of them as one vector.
 * The parameters' memory becomes their own.
 */
export function parameterUpdate(parameters: readonly tf.Variable[], rule: UpdateRule): ParameterUpdate {
  if (!isNative(OPTIMIZER_UPDATE)) return new FlatUpdate(parameters, rule);
  ownMemory(parameters);
  return new NativeUpdate(parameters, rule);
}

/** How many moments a rule keeps for each parameter. */
export function momentCount({ kind, momentum }: UpdateRule): 0 | 1 | 2 {
  if (kind !== 'sgd') return 2;
  return momentum === 0 ? 0 : 1;
}

class NativeUpdate implements ParameterUpdate {
  readonly #parameters: readonly tf.Variable[];
  readonly #moments: readonly (readonly tf.Variable[])[];
  readonly #attrs: OptimizerUpdateAttrs;

  constructor(parameters: readonly tf.Variable[], rule: UpdateRule) {
    this.#parameters = parameters;
    this.#attrs = { ...rule, count: parameters.length };
    const zeros = ({ shape }: tf.Variable): tf.Variable => tf.tidy(() => tf.variable(tf.zeros(shape), false));
    this.#moments = parameters.map((p) => Array.from({ length: momentCount(rule) }, () => zeros(p)));
  }

  get moments(): readonly tf.Variable[] {
    return this.#moments.flat();
  }

  apply(gradients: readonly tf.Tensor[], hyper: tf.Tensor1D): void {
    const inputs: Record<string, tf.Tensor> = { hyper };
    this.#parameters.forEach((parameter, i) => {
      inputs[`p${i}`] = parameter;
      inputs[`g${i}`] = gradients[i]!;
      const [m, v] = this.#moments[i]!;
      if (m) inputs[`m${i}`] = m;
      if (v) inputs[`v${i}`] = v;
    });
    runNative<tf.Tensor>(OPTIMIZER_UPDATE, inputs, this.#attrs).dispose();
  }

  dispose(): void {
    tf.dispose(this.#moments.flat());
  }
}
