import * as tf from '@tensorflow/tfjs-core';
import type { OptimizerSpec } from './config.ts';

/** A TensorFlow.js optimizer whose learning rate can be moved, and which frees all it holds. */
export interface Optimizer {
  learningRate: number;
  apply(gradients: tf.NamedTensorMap): void;
  dispose(): void;
}

type Makers = {
  readonly [Kind in OptimizerSpec['kind']]: (spec: Extract<OptimizerSpec, { kind: Kind }>) => tf.Optimizer;
};

/** Every optimizer by its kind. Momentum is TensorFlow's: v = m v + g; w -= rate v. */
const OPTIMIZERS: Makers = {
  adam: (spec) => new tf.AdamOptimizer(spec.learningRate, spec.beta1, spec.beta2, spec.epsilon),
  sgd: (spec) => new tf.SGDOptimizer(spec.learningRate),
  momentum: (spec) => new tf.MomentumOptimizer(spec.learningRate, spec.momentum, spec.nesterov),
};

/** Where TensorFlow.js keeps the rate: a protected number, and for SGD and momentum also a tensor `c` = -rate. */
interface RateHolder {
  learningRate: number;
  setLearningRate?: (rate: number) => void;
  c?: tf.Tensor;
}

/** Builds an optimizer; its owner calls `dispose`. */
export function buildOptimizer(spec: OptimizerSpec): Optimizer {
  const make = OPTIMIZERS[spec.kind] as (spec: OptimizerSpec) => tf.Optimizer;
  const optimizer = make(spec);
  const holder = optimizer as unknown as RateHolder;
  return {
    get learningRate() {
      return holder.learningRate;
    },
    set learningRate(rate) {
      if (holder.setLearningRate === undefined) holder.learningRate = rate;
      else holder.setLearningRate(rate);
    },
    apply: (gradients) => optimizer.applyGradients(gradients),
    dispose() {
      optimizer.dispose();
      // MomentumOptimizer.dispose() forgets the rate's tensor
      if (holder.c !== undefined && !holder.c.isDisposed) holder.c.dispose();
    },
  };
}
