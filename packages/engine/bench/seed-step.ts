/**
 * Times the training step of the seed CNN (forward, backward, Adam; batch 128, 28x28x1, 10 classes) on one engine.
 *
 *   npx tsx packages/engine/bench/seed-step.ts [--engine=wasm|cpu] [--norm=fused|layers] [--kernels=ours|stock]
 *                                              [--steps=5] [--runs=3] [--profile [--shapes]] [--json]
 *
 * --norm=fused uses batchNormTraining, --norm=layers the BatchNormalization of tfjs-layers. --kernels=stock is the wasm
 * backend as it comes, with a filter gradient composed of its own convolution, as it has none. The dropout masks are made
 * once: drawing them is not the engine's work, multiplying by them is.
 */
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { batchNormTraining } from '../src/training/norm-block.ts';
import { installWasmTraining } from '../src/wasm/training.ts';
import { installStockFilterGradient } from './stock-filter-gradient.ts';
import { profileKernels } from './kernel-profile.ts';

const { values: flags } = parseArgs({
  options: {
    engine: { type: 'string', default: 'wasm' },
    norm: { type: 'string', default: 'fused' },
    kernels: { type: 'string', default: 'ours' },
    steps: { type: 'string', default: '5' },
    runs: { type: 'string', default: '3' },
    batch: { type: 'string', default: '128' },
    profile: { type: 'boolean', default: false },
    shapes: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const batch = Number(flags.batch);

const EPSILON = 1e-3;
const variables: tf.Variable[] = [];

function weight(...shape: number[]): tf.Variable {
  const deviation = Math.sqrt(2 / (shape.slice(0, -1).reduce((a, b) => a * b, 1) || 1));
  const variable = tf.variable(tf.randomNormal(shape, 0, shape.length > 1 ? deviation : 0));
  variables.push(variable);
  return variable;
}

function norm(channels: number): (x: tf.Tensor) => tf.Tensor {
  const [gamma, beta] = [weight(channels), weight(channels)];
  gamma.assign(tf.ones([channels]));
  return (x) => {
    if (flags.norm === 'fused')
      return batchNormTraining(x, gamma as unknown as tf.Tensor1D, beta as unknown as tf.Tensor1D, EPSILON).y;
    const { mean, variance } = tf.moments(
      x,
      x.shape.slice(0, -1).map((_, axis) => axis),
    );
    return tf.batchNorm(
      x as tf.Tensor4D,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      beta as unknown as tf.Tensor1D,
      gamma as unknown as tf.Tensor1D,
      EPSILON,
    );
  };
}

function dropout(rate: number, ...shape: number[]): (x: tf.Tensor) => tf.Tensor {
  const mask = tf.tidy(() =>
    tf.mul(tf.cast(tf.greater(tf.randomUniform([batch, ...shape]), rate), 'float32'), 1 / (1 - rate)),
  );
  return (x) => tf.mul(x, mask);
}

/** The same ops, in the same order, as tfjs-layers runs for the seed CNN with training: true. */
function seedCnn(): (x: tf.Tensor4D) => tf.Tensor2D {
  const layers: ((x: tf.Tensor) => tf.Tensor)[] = [];
  const blocks = [
    [1, 32, 14, 0.25],
    [32, 64, 7, 0.25],
    [64, 128, 3, 0.4],
  ] as const;
  for (const [from, to, side, rate] of blocks) {
    const [kernel, bias] = [weight(3, 3, from, to), weight(to)];
    layers.push(
      (x) => tf.relu(tf.add(tf.conv2d(x as tf.Tensor4D, kernel as unknown as tf.Tensor4D, 1, 'same'), bias)),
      norm(to),
    );
    layers.push((x) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid'), dropout(rate, side, side, to));
  }
  const dense = (from: number, to: number): ((x: tf.Tensor) => tf.Tensor) => {
    const [kernel, bias] = [weight(from, to), weight(to)];
    return (x) => tf.add(tf.matMul(x as tf.Tensor2D, kernel as unknown as tf.Tensor2D), bias);
  };
  layers.push((x) => tf.reshape(x, [batch, 1152]), dense(1152, 256), tf.relu, norm(256), dropout(0.5, 256));
  layers.push(dense(256, 128), tf.relu, dropout(0.3, 128), dense(128, 10));
  return (x) => layers.reduce<tf.Tensor>((value, layer) => layer(value), x) as tf.Tensor2D;
}

async function openBackend(): Promise<void> {
  const require = createRequire(import.meta.url);
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/wasm-out/`);
  if (!(await tf.setBackend(flags.engine))) throw new Error(`The backend '${flags.engine}' does not open.`);
  if (flags.engine !== 'wasm') return;
  if (flags.kernels === 'ours') installWasmTraining();
  else installStockFilterGradient();
}

const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;

await openBackend();
const model = seedCnn();
const optimizer = tf.train.adam(0.001);
const x = tf.randomUniform<tf.Rank.R4>([batch, 28, 28, 1]);
const y = tf.oneHot(
  tf.tensor1d(
    Int32Array.from({ length: batch }, (_, i) => i % 10),
    'int32',
  ),
  10,
);
const step = (): number =>
  tf.tidy(
    () =>
      optimizer
        .minimize(() => tf.losses.softmaxCrossEntropy(y, model(x)) as tf.Scalar, true)
        ?.dataSync()[0] ?? NaN,
  );

const losses = [step(), step()];
const [wall, user]: [number[], number[]] = [[], []];
for (let run = 0; run < Number(flags.runs); run++) {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  for (let i = 0; i < Number(flags.steps); i++) losses.push(step());
  const used = process.cpuUsage(cpu);
  wall.push((performance.now() - began) / Number(flags.steps));
  user.push((used.user + used.system) / 1000 / Number(flags.steps));
}
const result = {
  benchmark: 'seed-step',
  engine: flags.engine,
  norm: flags.norm,
  kernels: flags.engine === 'wasm' ? flags.kernels : 'stock',
  batch,
  machine: cpus()[0]?.model ?? 'unknown',
  node: process.version,
  stepMs: median(wall),
  imagesPerSecond: (batch * 1000) / median(wall),
  imagesPerCpuSecond: (batch * 1000) / median(user),
  stepMsOfRuns: wall,
  firstLoss: losses[0],
  lastLoss: losses.at(-1),
};
const kernels = flags.profile ? profileKernels(step, 8, flags.shapes) : [];
if (flags.json)
  console.log(
    JSON.stringify({ ...result, ...(flags.profile ? { kernelMs: Object.fromEntries(kernels) } : {}) }),
  );
else {
  console.log(result);
  if (flags.profile)
    for (const [name, ms] of kernels) console.log(name.padEnd(60), ms.toFixed(2).padStart(9), 'ms');
}
