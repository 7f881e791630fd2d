import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { captureStep, openEngine, type StepInputs } from '../src/index.ts';
import { hasNative } from './has-native.ts';
import { Network, plainly } from './step-network.ts';

describe.runIf(hasNative)('a captured step on onednn', () => {
  beforeAll(() => openEngine({ name: 'onednn' }));

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
    // watched, then recorded, then replayed
    await wide.run(input);
    await wide.run(input);
    expect(wide.captured).toBe(true);
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
