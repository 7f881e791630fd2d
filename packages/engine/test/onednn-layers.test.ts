import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  captureStep,
  gelu,
  hardSwish,
  layerNorm,
  openEngine,
  parameterUpdate,
  silu,
  updateHyper,
  updateRule,
} from '../src/index.ts';
import { hasNative } from './has-native.ts';

const execute = promisify(execFile);

describe.runIf(hasNative)('layers of TensorFlow.js on onednn', () => {
  beforeAll(() => openEngine({ name: 'onednn' }));

  it('normalise layers as the cpu backend, gradients included', () => {
    const values = Float32Array.from({ length: 2 * 5 * 12 }, (_, i) => Math.sin(i * i));
    const run = (backend: string): number[][] => {
      tf.setBackend(backend);
      const before = tf.memory().numTensors;
      const layer = tfl.layers.layerNormalization({
        inputShape: [5, 12],
        gammaInitializer: tfl.initializers.constant({ value: 1.5 }),
      });
      const results = tf.tidy(() => {
        const x = tf.tensor(values, [2, 5, 12]);
        const weight = tf.tensor(
          values.map((v) => v * v),
          [2, 5, 12],
        );
        const loss = (t: tf.Tensor): tf.Tensor => tf.sum(tf.mul(layer.apply(t) as tf.Tensor, weight));
        const y = layer.apply(x) as tf.Tensor;
        const { grads } = tf.variableGrads(() => loss(x) as tf.Scalar);
        return [y, tf.grad(loss)(x), ...Object.values(grads)].map((t) => [...t.dataSync()]);
      });
      layer.dispose();
      tf.setBackend(backend);
      expect(tf.memory().numTensors).toBe(before);
      return results;
    };
    const [ours, reference] = [run('onednn'), run('cpu')];
    tf.setBackend('onednn');
    expect(ours.length).toBe(reference.length);
    ours.forEach((list, i) => list.forEach((value, k) => expect(value).toBeCloseTo(reference[i]![k]!, 4)));
  });

  it('captures a block of a transformer, a depthwise one and global pooling, to the bits of the same ops one by one', async () => {
    const build = () => {
      const shapes = [[16, 48], [16, 16], [16], [16], [3, 3, 16, 1], [16, 4]];
      const weights = shapes.map((shape, i) =>
        tf.tidy(() => tf.variable(tf.mul(tf.randomNormal(shape, 0, 1, 'float32', i + 1), 0.2))),
      );
      const update = parameterUpdate(weights, updateRule('adamw', { weightDecay: 0.01 }));
      const body = ({ x, hyper }: Readonly<Record<string, tf.Tensor>>) => {
        const [qkv, out, scale, offset, depthwise, head] = weights as unknown as tf.Tensor[];
        const { value, grads } = tf.variableGrads(() => {
          const normed = layerNorm({ x: x!, scale, offset, epsilon: 1e-5 });
          const all = tf.reshape(
            tf.matMul(tf.reshape(normed, [-1, 16]), qkv as tf.Tensor2D),
            [2, 9, 3, 2, 8],
          );
          const [q, k, v] = tf.unstack(tf.transpose(all, [2, 0, 3, 1, 4]));
          const attention = tf.softmax(tf.mul(tf.matMul(q!, k!, false, true), 8 ** -0.5));
          const joined = tf.reshape(tf.transpose(tf.matMul(attention, v!), [0, 2, 1, 3]), [-1, 16]);
          const residual = tf.add(
            x!,
            tf.reshape(tf.matMul(joined as tf.Tensor2D, out as tf.Tensor2D), [2, 9, 16]),
          );
          const image = tf.reshape(gelu(residual), [2, 3, 3, 16]) as tf.Tensor4D;
          const convolved = hardSwish(silu(tf.depthwiseConv2d(image, depthwise as tf.Tensor4D, 1, 'same')));
          const logits = tf.matMul(tf.mean(convolved, [1, 2]) as tf.Tensor2D, head as tf.Tensor2D);
          return tf.mean(tf.square(logits)) as tf.Scalar;
        }, weights);
        update.apply(
          weights.map(({ name }) => grads[name]!),
          hyper as tf.Tensor1D,
        );
        return { loss: value };
      };
      const dispose = (): void => {
        update.dispose();
        tf.dispose(weights);
      };
      return { body, dispose };
    };
    const inputs = (step: number) => ({
      x: {
        values: Float32Array.from({ length: 2 * 9 * 16 }, (_, i) => Math.sin(step * 31 + i)),
        shape: [2, 9, 16],
      },
      hyper: { values: updateHyper(updateRule('adamw'), step, 0.01), shape: [4] },
    });
    const before = tf.memory().numTensors;
    const [a, b] = [build(), build()];
    const step = captureStep(a.body);
    const losses: number[] = [];
    const plain: number[] = [];
    let during = 0;
    for (let i = 1; i <= 8; i++) {
      losses.push((await step.run(inputs(i)))['loss']![0]!);
      if (i === 3) during = tf.memory().numTensors;
      tf.tidy(() => {
        const tensors = Object.entries(inputs(i)).map(([name, { values, shape }]) => [
          name,
          tf.tensor(values, shape),
        ]);
        plain.push(b.body(Object.fromEntries(tensors) as Record<string, tf.Tensor>).loss.dataSync()[0]!);
      });
    }
    expect(step.reason).toBeUndefined();
    expect(step.captured).toBe(true);
    expect(losses).toEqual(plain);
    expect(losses[7]).toBeLessThan(losses[0]!);
    expect(tf.memory().numTensors).toBe(during);
    step.dispose();
    a.dispose();
    b.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is one per process: another thread hears where it is open', async () => {
    const script = `
      import { Worker } from 'node:worker_threads';
      import { openEngine } from './src/index.ts';
      await openEngine({ name: 'onednn' });
      const body = "import('tsx/esm/api').then(({ register }) => { register(); return import('./src/index.ts'); })"
        + ".then(({ openEngine }) => openEngine({ name: 'onednn' }))"
        + ".then(() => console.log('opened'), (error) => console.log(JSON.stringify({ reason: error.reason, remedy: error.remedy })))";
      new Worker(body, { eval: true });
    `;
    const { stdout } = await execute(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script],
      {
        cwd: `${import.meta.dirname}/..`,
      },
    );
    const said = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, string>;
    expect(said['reason']).toContain('open in another thread');
    expect(said['remedy']).toContain('a process of its own');
  });
});
