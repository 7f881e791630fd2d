import * as tf from '@tensorflow/tfjs-core';
import { momentCount, type ParameterUpdate, type UpdateRule } from './optimizer.ts';

/**
 * The update composed of TensorFlow.js ops. All parameters are laid into one vector, so that a step costs some dozen ops
 * and not a dozen for each of them; element by element the arithmetic is the same.
 */
export class FlatUpdate implements ParameterUpdate {
  readonly #parameters: readonly tf.Variable[];
  readonly #rule: UpdateRule;
  readonly moments: readonly tf.Variable[];
  /** weightDecay where it applies, else 0; only for a rule that has it. */
  readonly #decay: tf.Tensor1D | undefined;

  constructor(parameters: readonly tf.Variable[], rule: UpdateRule) {
    this.#parameters = parameters;
    this.#rule = rule;
    const size = parameters.reduce((sum, parameter) => sum + parameter.size, 0);
    this.moments = Array.from({ length: momentCount(rule) }, () =>
      tf.tidy(() => tf.variable(tf.zeros([size]), false)),
    );
    if (rule.kind === 'adamw' && rule.weightDecay > 0) this.#decay = this.#decayVector();
  }

  #decayVector(): tf.Tensor1D {
    const { weightDecay } = this.#rule;
    const values = this.#parameters.flatMap(({ size, rank }) =>
      new Array<number>(size).fill(rank >= 2 ? weightDecay : 0),
    );
    return tf.tensor1d(values);
  }

  apply(gradients: readonly tf.Tensor[], hyper: tf.Tensor1D): void {
    tf.tidy(() => {
      const flat = (tensors: readonly tf.Tensor[]): tf.Tensor1D =>
        tf.concat1d(tensors.map((tensor) => tf.reshape(tensor, [tensor.size])));
      const [rate, c1, c2] = [0, 1, 2].map((i) => tf.slice(hyper, i, 1)) as [
        tf.Tensor1D,
        tf.Tensor1D,
        tf.Tensor1D,
      ];
      const g = flat(gradients);
      const step = this.#rule.kind === 'sgd' ? this.#sgd(g) : this.#adam(g, c1, c2);
      let p = flat(this.#parameters);
      if (this.#decay) p = tf.sub(p, tf.mul(tf.mul(rate, this.#decay), p));
      this.#assign(tf.sub(p, tf.mul(rate, step)));
    });
  }

  #sgd(g: tf.Tensor1D): tf.Tensor1D {
    const [accumulated] = this.moments;
    if (!accumulated) return g;
    const { momentum, nesterov } = this.#rule;
    const m = tf.add<tf.Tensor1D>(tf.mul(accumulated, momentum), g);
    accumulated.assign(m);
    return nesterov ? tf.add(g, tf.mul(m, momentum)) : m;
  }

  #adam(g: tf.Tensor1D, c1: tf.Tensor1D, c2: tf.Tensor1D): tf.Tensor1D {
    const { beta1, beta2, epsilon } = this.#rule;
    const [first, second] = this.moments as [tf.Variable, tf.Variable];
    const m = tf.add(tf.mul(first, beta1), tf.mul(g, 1 - beta1));
    const v = tf.add(tf.mul(second, beta2), tf.mul(tf.square(g), 1 - beta2));
    first.assign(m);
    second.assign(v);
    return tf.div(tf.div(m, c1), tf.add(tf.sqrt(tf.div(v, c2)), epsilon));
  }

  #assign(values: tf.Tensor1D): void {
    let start = 0;
    for (const parameter of this.#parameters) {
      const part = tf.slice(values, start, parameter.size);
      parameter.assign(tf.reshape(part, parameter.shape));
      start += parameter.size;
    }
  }

  dispose(): void {
    tf.dispose([...this.moments, ...(this.#decay ? [this.#decay] : [])]);
  }
}
