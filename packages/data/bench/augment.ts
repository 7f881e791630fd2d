/**
 * Images a second that one thread augments, in batches of 128 of Fashion-MNIST's size, setting by setting; with --record the
 * medians go to benchmarks/results. `npx nx run data:bench-augment`
 */
import { appendResult } from '@atelier/benchmarks';
import { augmentSource } from '../src/augment/augmented-batches.ts';
import { Augmenter, sharedBuffers } from '../src/augment/augmenter.ts';
import { AugmentSpec } from '../src/augment/spec.ts';
import type { Split } from '../src/split.ts';

const COUNT = 10_000;
const BATCH = 128;
const ROUNDS = 7;

const SETTINGS: Readonly<Record<string, object>> = {
  none: {},
  flip: { flip: 'random' },
  'flip, translate': { flip: 'alternating', translate: 2, padding: 'reflect' },
  'flip, translate, erase': { flip: 'random', translate: 2, erase: { probability: 0.5 } },
  'flip, translate, cutout': { flip: 'alternating', translate: 2, padding: 'reflect', cutout: 8 },
  'rotate, zoom, shear': { rotate: 15, zoom: 0.1, shear: 10 },
  'flip, translate, cutmix': { flip: 'random', translate: 2, cutmix: 1 },
  'flip, translate, randAugment 2': { flip: 'random', translate: 2, randAugment: { operations: 2 } },
};

const image = { height: 28, width: 28, channels: 1 } as const;
const split: Split = {
  name: 'train',
  source: {
    images: Uint8Array.from({ length: COUNT * 784 }, (_, i) => (i * 37) % 256),
    labels: new Uint8Array(COUNT),
    count: COUNT,
    ...image,
  },
  indices: Uint32Array.from({ length: COUNT }, (_, i) => i),
  labels: Uint8Array.from({ length: COUNT }, (_, i) => i % 10),
  count: COUNT,
};
const source = augmentSource(split, 10);
const order = Uint32Array.from(split.indices);

/** Images a second over one epoch. */
function speed(settings: object, epoch: number): number {
  const spec = AugmentSpec.parse(settings);
  const augmenter = new Augmenter(source, spec, 1);
  const buffers = sharedBuffers(source, BATCH, spec);
  const since = performance.now();
  for (let start = 0; start < COUNT; start += BATCH)
    augmenter.fill(order.subarray(start, start + BATCH), epoch, buffers);
  return COUNT / ((performance.now() - since) / 1000);
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const speeds = new Map(Object.keys(SETTINGS).map((name) => [name, [] as number[]]));
for (let round = 0; round <= ROUNDS; round++)
  for (const [name, settings] of Object.entries(SETTINGS)) {
    const value = speed(settings, round + 1);
    if (round > 0) speeds.get(name)!.push(value); // the first compiles
  }
const medians = Object.fromEntries([...speeds].map(([name, values]) => [name, Math.round(median(values))]));
for (const [name, value] of Object.entries(medians)) {
  const [low, high] = [Math.min(...speeds.get(name)!), Math.max(...speeds.get(name)!)].map(Math.round);
  console.log(`${name.padEnd(32)} ${String(value).padStart(9)} images/s   (${low} to ${high})`);
}
if (process.argv.includes('--record'))
  console.log(
    appendResult('augment', { benchmark: 'data augment', rounds: ROUNDS, imagesPerSecond: medians }),
  );
