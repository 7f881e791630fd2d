import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { captureStep, moveTowards, openEngine, ownMemory, rateValues, seededDropout } from '../src/index.ts';
import type { CapturedStep, StepInputs } from '../src/index.ts';
import { hasNative } from './has-native.ts';

const STEPS = 10;
const SHAPE = [2, 4];

/** What a program may do at each of its lines; `turn` counts the runs of the step, as a closure would. */
interface Context {
  readonly x: tf.Tensor;
  readonly key: tf.Tensor;
  readonly moving: tf.Variable;
  readonly outside: readonly tf.Tensor[];
  readonly turn: number;
  readonly cache: Map<string, tf.Tensor>;
}
type Line = (value: tf.Tensor, context: Context) => tf.Tensor;

/** Lines that do the same at every step. */
const PURE: Readonly<Record<string, Line>> = {
  scale: (v) => tf.mul(v, 1.25),
  shift: (v) => tf.add(v, tf.tensor1d([1, 2, 3, 4])),
  tanh: (v) => tf.tanh(v),
  clip: (v) => tf.clipByValue(v, -3, 3),
  residual: (v, { x }) => tf.add(v, x),
  centred: (v) => tf.sub(v, tf.mean(v, -1, true)),
  product: (v) => tf.reshape(tf.matMul(v as tf.Tensor2D, tf.ones([4, 4])), SHAPE),
  keyed: (v, { key }) => seededDropout(v, key, 0.5),
  constant: (v, { outside }) => tf.mul(v, outside[0]!),
  seeded: (v) => tf.add(v, tf.randomNormal(SHAPE, 0, 1, 'float32', 7)),
  gradient: (v) => tf.grad((t: tf.Tensor) => tf.sum(tf.square(t)))(v),
  cached: (v, { cache }) => {
    if (!cache.has('one')) cache.set('one', tf.keep(tf.scalar(0.5)));
    return tf.mul(v, cache.get('one')!);
  },
  averaged(v, { moving }) {
    moveTowards([moving], [tf.mean(v, 0)], tf.tensor1d(rateValues(0.1)));
    return tf.add(v, moving);
  },
};

/** Lines that do not. */
const CHANGING: Readonly<Record<string, Line>> = {
  counter: (v, { turn }) => tf.add(v, turn),
  attribute: (v, { turn }) => tf.clipByValue(v, -turn, turn),
  alternating: (v, { outside, turn }) => tf.mul(v, outside[turn % 2]!),
  branching: (v, { turn }) => (turn % 2 === 0 ? tf.relu(v) : tf.abs(v)),
  assigning(v, { moving }) {
    moving.assign(tf.mean(v, 0));
    return v;
  },
  reading: (v) =>
    tf.mul(
      v,
      tf.tidy(() => tf.sum(v).dataSync()[0]! / 8),
    ),
};

/** Programs and their numbers of a run; the same each time it is called. */
function subject(lines: readonly Line[]) {
  const cache = new Map<string, tf.Tensor>();
  const outside = [tf.tensor1d([1, -1, 2, 0.5]), tf.tensor1d([3, 1, 1, 2])];
  const moving = tf.tidy(() => tf.variable(tf.zeros([4])));
  ownMemory([moving]);
  let turn = 0;
  const body = ({ x, key }: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> => {
    turn++;
    const context = { x: x!, key: key!, moving, outside, turn, cache };
    return { y: lines.reduce((value, line) => line(value, context), tf.mul(x!, 1)) };
  };
  const dispose = (): void => tf.dispose([...outside, moving, ...cache.values()]);
  return { body, dispose };
}

function inputsOf(step: number): StepInputs {
  const values = Float32Array.from({ length: 8 }, (_, i) => Math.sin(step * 8 + i));
  return { x: { values, shape: SHAPE }, key: { values: Int32Array.of(step, 3), shape: [2] } };
}

async function captured(lines: readonly Line[]): Promise<{ values: number[][]; step: CapturedStep }> {
  const { body, dispose } = subject(lines);
  const step = captureStep(body);
  const values: number[][] = [];
  for (let i = 0; i < STEPS; i++) values.push([...(await step.run(inputsOf(i)))['y']!]);
  step.dispose();
  dispose();
  return { values, step };
}

function plainly(lines: readonly Line[]): number[][] {
  const { body, dispose } = subject(lines);
  const values = Array.from({ length: STEPS }, (_, i) =>
    tf.tidy(() => {
      const tensors = Object.entries(inputsOf(i)).map(([name, { values, shape }]) => [
        name,
        tf.tensor(values, [...shape], values instanceof Int32Array ? 'int32' : 'float32'),
      ]);
      return [...body(Object.fromEntries(tensors) as Record<string, tf.Tensor>)['y']!.dataSync()];
    }),
  );
  dispose();
  return values;
}

describe.runIf(hasNative)('a captured step on onednn changes what must change', () => {
  beforeAll(() => openEngine({ name: 'onednn' }));

  it('gives the numbers of the same ops one by one, or says why it was not captured (random programs)', async () => {
    const names = [...Object.keys(PURE), ...Object.keys(CHANGING)];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 6 }),
        async (program) => {
          const lines = program.map((name) => PURE[name] ?? CHANGING[name]!);
          const before = tf.memory().numTensors;
          const { values, step } = await captured(lines);
          expect(values).toEqual(plainly(lines));
          const changes = program.some((name) => name in CHANGING);
          expect(step.reason === undefined).toBe(!changes);
          expect(tf.memory().numTensors).toBe(before);
        },
      ),
      { seed: 20261201, numRuns: 120 },
    );
  });

  it.each<[string, (x: tf.Tensor) => tf.Tensor]>([
    ['tf.dropout', (x) => tf.dropout(x, 0.5)],
    ['tf.randomNormal', (x) => tf.add(x, tf.randomNormal(x.shape))],
    ['tf.truncatedNormal', (x) => tf.add(x, tf.truncatedNormal(x.shape))],
    ['tf.randomUniform of whole numbers', (x) => tf.add(x, tf.randomUniform([1], 0, 2, 'int32'))],
    ['tf.multinomial', (x) => tf.gather(tf.reshape(x, [-1]), tf.multinomial(tf.tensor1d([0, 0]), 4))],
  ])('is not captured with %s, and says so', async (_, random) => {
    const step = captureStep(({ x }) => ({ y: random(x!) }));
    const drawn = new Set<string>();
    const input = { x: { values: Float32Array.from({ length: 64 }, (_, i) => i + 1), shape: [64] } };
    for (let i = 0; i < 60; i++) drawn.add(String((await step.run(input))['y']));
    expect(step.captured).toBe(false);
    expect(step.reason).toMatch(/draws random numbers|reads values/);
    // one 0 or 1 has 2^-59 of being the same sixty times; the others never are
    expect(drawn.size).toBeGreaterThan(1);
    step.dispose();
  });

  it('drops other elements at each step by another key', async () => {
    const step = captureStep(({ x, key }) => ({ y: seededDropout(x!, key!, 0.5) }));
    const masks = new Set<string>();
    for (let i = 0; i < 10; i++) {
      const key = { values: Int32Array.of(i, 1), shape: [2] };
      masks.add(
        String((await step.run({ x: { values: new Float32Array(64).fill(1), shape: [64] }, key }))['y']),
      );
    }
    expect(step.captured).toBe(true);
    expect(masks.size).toBe(10);
    step.dispose();
  });

  it('names the operation whose constant changes', async () => {
    let rate = 1;
    const step = captureStep(({ x }) => ({ y: tf.squaredDifference(x!, rate++) }));
    for (let i = 0; i < 3; i++)
      expect((await step.run({ x: { values: Float32Array.of(0), shape: [1] } }))['y']).toEqual(
        Float32Array.of((i + 1) ** 2),
      );
    expect(step.reason).toMatch(/^SquaredDifference gets other numbers, values or tensors/);
    step.dispose();
  });

  it('is not captured where two variables swap their tensors', async () => {
    const [a, b] = [1, 2].map((value) => tf.tidy(() => tf.variable(tf.scalar(value))));
    const step = captureStep(({ x }) => {
      const y = tf.sub(tf.mul(x!, a!), b!);
      const kept = a!.clone();
      a!.assign(b!.clone());
      b!.assign(kept);
      return { y };
    });
    const ys: number[] = [];
    for (let i = 0; i < 4; i++)
      ys.push((await step.run({ x: { values: Float32Array.of(1), shape: [1] } }))['y']![0]!);
    expect(ys).toEqual([-1, 1, -1, 1]);
    expect(step.reason).toMatch(/assigned, not updated in place/);
    step.dispose();
    tf.dispose([a!, b!]);
  });
});
