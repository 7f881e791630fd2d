import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchNormTraining } from '../training/norm-block.ts';
import type { WasmBackend } from './memory.ts';
import { installWasmTraining } from './training.ts';
import { numbers, openWasmForTests, valuesOn, worstDifference } from './wasm-fixture.ts';

beforeAll(openWasmForTests);

const SIDE = 10;
const CLASSES = 4;
const SHAPES = [[3, 3, 1, 6], [6], [6], [6], [150, CLASSES], [CLASSES]] as const;

/** A small CNN of the seed's parts: logits of x [n, SIDE, SIDE, 1]. */
function logits(x: tf.Tensor, weights: tf.Tensor[]): tf.Tensor2D {
  const [kernel, bias, gamma, beta, dense, offset] = weights as [
    tf.Tensor4D,
    tf.Tensor,
    tf.Tensor1D,
    tf.Tensor1D,
    tf.Tensor2D,
    tf.Tensor,
  ];
  const active = tf.relu(tf.add(tf.conv2d(x as tf.Tensor4D, kernel, 1, 'same'), bias));
  const pooled = tf.maxPool(batchNormTraining(active, gamma, beta, 1e-3).y as tf.Tensor4D, 2, 2, 'valid');
  return tf.add(tf.matMul(tf.reshape(pooled, [-1, 150]), dense), offset);
}

/** Images whose class is the quadrant of their bright square. */
function problem(count: number): { x: tf.Tensor; y: tf.Tensor } {
  const noise = numbers(7, count, SIDE, SIDE, 1).dataSync();
  const images = noise.map((value, i) => {
    const [image, row, column] = [Math.floor(i / SIDE ** 2), Math.floor(i / SIDE) % SIDE, i % SIDE];
    const quadrant = (row >= SIDE / 2 ? 2 : 0) + (column >= SIDE / 2 ? 1 : 0);
    return 0.5 * value + (quadrant === image % CLASSES ? 0.5 : 0);
  });
  const labels = tf.tensor1d(
    Int32Array.from({ length: count }, (_, i) => i % CLASSES),
    'int32',
  );
  return { x: tf.tensor(images, [count, SIDE, SIDE, 1]), y: tf.cast(tf.oneHot(labels, CLASSES), 'float32') };
}

const weightsOf = (): tf.Tensor[] => SHAPES.map((shape, i) => tf.mul(numbers(20 + i, ...shape), 0.5));

function loss(weights: tf.Tensor[]): tf.Scalar {
  const { x, y } = problem(12);
  return tf.losses.softmaxCrossEntropy(y, logits(x, weights));
}

describe('gradients of a small CNN', () => {
  it('are those of the cpu backend', () => {
    expect(worstDifference(() => tf.grads((...weights) => loss(weights))(weightsOf()))).toBeLessThan(1e-5);
  });

  it('are those of finite differences', () => {
    const gradients = valuesOn('wasm', () => tf.grads((...weights) => loss(weights))(weightsOf()));
    SHAPES.forEach((shape, which) => {
      const direction = numbers(40 + which, ...shape);
      const along = (direction.dataSync() as Float32Array).reduce(
        (sum, d, i) => sum + d * gradients[which]![i]!,
        0,
      );
      const at = (step: number): number =>
        valuesOn('wasm', () => [
          loss(weightsOf().map((w, i) => (i === which ? tf.add(w, tf.mul(direction, step)) : w))),
        ])[0]![0]!;
      const h = 5e-4; // Small enough to cross few kinks of ReLU and max pooling, large enough for float32.
      const slope = (at(h) - at(-h)) / (2 * h);
      expect(Math.abs(slope - along)).toBeLessThan(1e-3 + 0.02 * Math.abs(along));
    });
  });
});

/** Trains from the same start; the losses, and the weights at the end. */
function train(
  steps: number,
  afterStep: (step: number) => void = () => {},
): { losses: number[]; weights: Float32Array[] } {
  const { x, y } = problem(64);
  const weights = weightsOf().map((w) => tf.variable(w));
  const optimizer = tf.train.adam(0.005);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    losses.push(
      tf.tidy(
        () =>
          optimizer
            .minimize(() => tf.losses.softmaxCrossEntropy(y, logits(x, weights)), true)!
            .dataSync()[0]!,
      ),
    );
    afterStep(step);
  }
  const values = weights.map((weight) => weight.dataSync().slice() as Float32Array);
  optimizer.dispose();
  tf.dispose([x, y, ...weights]);
  return { losses, weights: values };
}

describe('training', () => {
  it('300 steps bring the loss down, and leave no tensor and no growth of the heap behind', () => {
    const heap = (): number => (tf.backend() as unknown as WasmBackend).wasm.asm.memory.buffer.byteLength;
    const seen: { tensors: number; bytes: number }[] = [];
    const { losses } = train(300, (step) => {
      if (step === 99 || step === 299) seen.push({ tensors: tf.memory().numTensors, bytes: heap() });
    });
    expect(losses[0]).toBeGreaterThan(1);
    expect(losses.at(-1)).toBeLessThan(0.02);
    expect(seen[1]).toEqual(seen[0]);
  });

  it('gives the same bits twice', () => {
    expect(train(20)).toEqual(train(20));
  });

  it('follows the cpu backend', () => {
    const ours = train(5).losses;
    tf.setBackend('cpu');
    const reference = train(5).losses;
    tf.setBackend('wasm');
    ours.forEach((value, i) => expect(value).toBeCloseTo(reference[i]!, 4));
  });

  it('trains a plain tfjs-layers model with fit', async () => {
    const { x, y } = problem(64);
    const kernelInitializer = layers.initializers.glorotUniform({ seed: 1 });
    const model = layers.sequential({
      layers: [
        layers.layers.conv2d({
          inputShape: [SIDE, SIDE, 1],
          filters: 8,
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
          kernelInitializer,
        }),
        layers.layers.batchNormalization(),
        layers.layers.maxPooling2d({ poolSize: 2 }),
        layers.layers.dropout({ rate: 0.25, seed: 1 }),
        layers.layers.flatten(),
        layers.layers.dense({ units: 16, activation: 'relu', kernelInitializer }),
        layers.layers.dense({ units: CLASSES, activation: 'softmax', kernelInitializer }),
      ],
    });
    model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    const { history } = await model.fit(x, y, { epochs: 30, batchSize: 16, shuffle: false, verbose: 0 });
    expect(history['loss']!.at(-1)).toBeLessThan(0.2 * (history['loss']![0] as number));
    const [, accuracy] = model.evaluate(x, y) as tf.Scalar[];
    expect(accuracy!.dataSync()[0]).toBe(1);
  });
});

describe('installWasmTraining', () => {
  it('does nothing the second time', () => {
    const before = tf.getKernel('Conv2D', 'wasm').kernelFunc;
    installWasmTraining();
    expect(tf.getKernel('Conv2D', 'wasm').kernelFunc).toBe(before);
  });

  it('refuses another backend', () => {
    tf.setBackend('cpu');
    expect(() => installWasmTraining()).toThrow(/wasm/);
    tf.setBackend('wasm');
  });

  it('leaves the gradients of the cpu backend as they were', () => {
    const [dx] = valuesOn('cpu', () => [
      tf.grad((x: tf.Tensor) => tf.relu(x))(tf.tensor1d([-1, 0, 2]), tf.tensor1d([5, 6, 7])),
    ]);
    expect([...dx!]).toEqual([0, 0, 7]);
  });
});
