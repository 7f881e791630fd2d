import * as tf from '@tensorflow/tfjs-core';
import { createHash } from 'node:crypto';
import {
  captureStep,
  normBlock,
  ownMemory,
  parameterUpdate,
  seededDropout,
  softmaxCrossEntropy,
  updateHyper,
  updateRule,
  type CapturedStep,
  type StepInputs,
} from '../src/index.ts';
import { numbers } from './training-ops/figures.ts';

const RULE = updateRule('adam');

function fresh(values: number[], shape: number[]): tf.Variable {
  return tf.tidy(() => tf.variable(tf.tensor(values, shape)));
}

/** A small network with everything that a training step has. */
export class Network {
  readonly filter = fresh(numbers(1, 9 * 16), [3, 3, 1, 16]);
  readonly bias = fresh(Array<number>(16).fill(0), [16]) as unknown as tf.Tensor1D & tf.Variable;
  readonly kernel = fresh(numbers(2, 256 * 3), [256, 3]);
  readonly variables: tf.Variable[] = [this.filter, this.bias, this.kernel];
  readonly update = parameterUpdate(this.variables, RULE);
  readonly step: CapturedStep = captureStep((inputs) => this.body(inputs));

  constructor() {
    ownMemory(this.variables);
  }

  body(inputs: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> {
    const { value, grads } = tf.variableGrads(() => {
      const x = tf.conv2d(inputs['images'] as tf.Tensor4D, this.filter as unknown as tf.Tensor4D, 1, 'same');
      const pool = { filterSize: [2, 2], strides: [2, 2], pad: 'valid' } as const;
      const { y } = normBlock({ x, bias: this.bias, epsilon: 1e-3, reluBefore: true, pool });
      const dropped = seededDropout(y, inputs['key']!, 0.25);
      const flat = tf.reshape(dropped, [dropped.shape[0]!, 256]);
      const logits = tf.matMul(flat, this.kernel as unknown as tf.Tensor2D);
      return tf.mean<tf.Scalar>(
        softmaxCrossEntropy(logits as tf.Tensor2D, inputs['labels'] as tf.Tensor1D).loss,
      );
    }, this.variables);
    this.update.apply(
      this.variables.map(({ name }) => grads[name]!),
      inputs['hyper'] as tf.Tensor1D,
    );
    return { loss: value };
  }

  /** The step's inputs; each step has its own. */
  inputs(step: number, batch = 8): StepInputs {
    return {
      images: { values: Float32Array.from(numbers(100 + step, batch * 64)), shape: [batch, 8, 8, 1] },
      labels: { values: Int32Array.from({ length: batch }, (_, i) => (i + step) % 3), shape: [batch] },
      key: { values: Int32Array.of(step, 17), shape: [2] },
      hyper: { values: updateHyper(RULE, step, 1e-2), shape: [4] },
    };
  }

  async losses(steps: number): Promise<number[]> {
    const losses: number[] = [];
    for (let step = 1; step <= steps; step++)
      losses.push((await this.step.run(this.inputs(step)))['loss']![0]!);
    return losses;
  }

  digest(): string {
    const hash = createHash('sha256');
    for (const variable of this.variables) hash.update(variable.dataSync());
    return hash.digest('hex');
  }

  dispose(): void {
    this.step.dispose();
    this.update.dispose();
    tf.dispose(this.variables);
  }
}

/** The same training with the step run op by op. */
export async function plainly(steps: number): Promise<{ losses: number[]; digest: string }> {
  const network = new Network();
  const losses: number[] = [];
  for (let step = 1; step <= steps; step++) {
    const outputs = tf.tidy(() => {
      const tensors = Object.entries(network.inputs(step)).map(([name, { values, shape }]) => [
        name,
        tf.tensor(values, [...shape], values instanceof Int32Array ? 'int32' : 'float32'),
      ]);
      return network.body(Object.fromEntries(tensors) as Record<string, tf.Tensor>) as tf.NamedTensorMap;
    });
    losses.push((await outputs['loss']!.data())[0]!);
    tf.dispose(outputs);
  }
  const digest = network.digest();
  network.dispose();
  return { losses, digest };
}
