import * as tf from '@tensorflow/tfjs-core';
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  captureStep,
  normBlock,
  openEngine,
  ownMemory,
  parameterUpdate,
  seededDropout,
  softmaxCrossEntropy,
  updateHyper,
  updateRule,
  type CapturedStep,
  type StepInputs,
} from '../src/index.ts';
import { hasNative, home } from './native-home.ts';
import { numbers } from './training-op-cases.ts';

const RULE = updateRule('adam');

function fresh(values: number[], shape: number[]): tf.Variable {
  return tf.tidy(() => tf.variable(tf.tensor(values, shape)));
}

/** A small network with everything that a training step has. */
class Network {
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
async function plainly(steps: number): Promise<{ losses: number[]; digest: string }> {
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

describe.runIf(hasNative)('a captured step on onednn', () => {
  beforeAll(() => openEngine({ name: 'onednn', home }));

  it('gives the bits that the same ops give one by one', async () => {
    const network = new Network();
    const losses = await network.losses(5);
    expect(network.step.captured).toBe(true);
    expect(network.step.reason).toBeUndefined();
    expect({ losses, digest: network.digest() }).toEqual(await plainly(5));
    expect(new Set(losses).size).toBe(5);
    network.dispose();
  });

  it('leaves no tensor behind, and none grows step by step', async () => {
    const before = tf.memory().numTensors;
    const network = new Network();
    await network.losses(2);
    const during = tf.memory().numTensors;
    await network.losses(20);
    expect(tf.memory().numTensors).toBe(during);
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('trains what a variable was assigned between two steps', async () => {
    const [a, b] = [new Network(), new Network()];
    await a.losses(3);
    await b.losses(3);
    const kept = b.filter.clone();
    const values = kept.dataSync().slice();
    await b.step.run(b.inputs(4));
    expect(kept.dataSync()).toEqual(values);
    expect(b.filter.dataSync()).not.toEqual(values);
    b.filter.assign(kept as tf.Tensor4D);
    kept.dispose();
    expect(b.filter.dataSync()).toEqual(values);
    // what was read before stays as it was
    const read = b.filter.dataSync();
    await b.step.run(b.inputs(5));
    expect(read).toEqual(values);
    expect(b.filter.dataSync()).not.toEqual(values);
    expect(a.filter.dataSync()).toEqual(values);
    a.dispose();
    b.dispose();
  });

  it('captures anew for other shapes, and goes on with the first', async () => {
    const network = new Network();
    await network.step.run(network.inputs(1));
    await network.step.run(network.inputs(2, 5));
    await network.step.run(network.inputs(3));
    expect(network.step.captured).toBe(true);
    const losses = await network.losses(3);
    expect(losses.every(Number.isFinite)).toBe(true);
    network.dispose();
  });

  it('runs a step that cannot be captured op by op, and says why', async () => {
    const weight = tf.variable(tf.scalar(2));
    const reading = captureStep(({ x }) => ({ y: tf.mul(x!, weight.dataSync()[0]!) }));
    const input = (value: number): StepInputs => ({ x: { values: Float32Array.of(value), shape: [1] } });
    expect((await reading.run(input(3)))['y']).toEqual(Float32Array.of(6));
    expect(reading.captured).toBe(false);
    expect(reading.reason).toMatch(/reads values in JavaScript/);
    weight.assign(tf.scalar(5));
    expect((await reading.run(input(3)))['y']).toEqual(Float32Array.of(15));

    const assigning = captureStep(({ x }) => {
      weight.assign(tf.add(weight, tf.sum(x!)) as tf.Scalar);
      return { y: tf.mul(x!, 2) };
    });
    await assigning.run(input(1));
    expect(assigning.reason).toMatch(/assigned, not updated in place/);
    await assigning.run(input(1));
    expect(weight.dataSync()[0]).toBe(7);
    reading.dispose();
    assigning.dispose();
    weight.dispose();
  });

  it('leaves the main thread free while it replays', async () => {
    const wide = captureStep(({ a }) => {
      let x = a as tf.Tensor2D;
      for (let i = 0; i < 20; i++) x = tf.matMul(x, a as tf.Tensor2D);
      return { sum: tf.sum(x) };
    });
    const input = { a: { values: new Float32Array(512 * 512), shape: [512, 512] } };
    await wide.run(input);
    let turns = 0;
    let done = false;
    const running = wide.run(input).then(() => (done = true));
    while (!done) {
      turns++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await running;
    expect(turns).toBeGreaterThan(2);
    wide.dispose();
  });
});
