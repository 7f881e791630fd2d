import { randomStream, type Dataset, type ImageSet, type RandomStream } from '@atelier/data';
import { summarizeEvaluation } from '@atelier/metrics';
import type { DatasetRecord, RunWriter, Tracker } from '@atelier/tracker';

/** A store of plausible runs: the shapes of real ones, the numbers from a seeded generator. */
export const CLASSES = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];
/** What each class is taken for when the model errs. */
const LOOKALIKE = [6, 3, 4, 0, 2, 7, 0, 9, 6, 7];
const STEPS_PER_EPOCH = 40;

export interface RunShape {
  readonly name: string;
  readonly seed: number;
  readonly accuracy: number;
  readonly epochs?: number;
  readonly settings?: Readonly<Record<string, number | string>>;
}

export function startRun(tracker: Tracker, { name, seed, epochs = 5, settings = {} }: RunShape): RunWriter {
  return tracker.startRun({
    project: 'fashion-mnist',
    name,
    config: { epochs, batchSize: 128, seed, optimizer: { kind: 'adam', learningRate: 0.001 }, ...settings },
    datasetDigest: 'd'.repeat(64),
    environment: {
      git: { commit: '0123456789abcdef0123456789abcdef01234567', branch: 'main', dirty: seed % 2 === 0 },
      machine: { cpu: 'Test CPU', cores: 2, memoryBytes: 8e9, platform: 'linux', arch: 'x64' },
      node: 'v20.0.0',
      engine: { name: 'wasm', version: '4.22.0', threads: 2, precision: 'fp32' },
      command: ['train:run', '--recipe=seed-cnn', `--seed=${seed}`],
    },
  });
}

/** One epoch of curves, falling and rising as they do. */
export function logEpoch(run: RunWriter, epoch: number, random: RandomStream): void {
  for (let at = 1; at <= STEPS_PER_EPOCH; at++) {
    const step = (epoch - 1) * STEPS_PER_EPOCH + at;
    const progress = step / STEPS_PER_EPOCH;
    const loss = 0.28 + 1.6 * Math.exp(-1.4 * progress) + 0.1 * (random.uniform() - 0.5);
    const accuracy = 0.9 - 0.6 * Math.exp(-1.6 * progress) + 0.06 * (random.uniform() - 0.5);
    run.log(
      { 'train/loss': loss, 'train/accuracy': accuracy, 'train/imagesPerSecond': 300 },
      { step, epoch },
    );
  }
  const loss = 0.26 + 0.5 * Math.exp(-0.9 * epoch);
  run.log(
    { 'val/loss': loss, 'val/accuracy': 0.92 - 0.2 * Math.exp(-0.8 * epoch) },
    { step: epoch * STEPS_PER_EPOCH, epoch },
  );
}

/** `[count, 10]`: right with the given probability, else the lookalike's. */
function probabilitiesFor(labels: Uint8Array, accuracy: number, random: RandomStream): Float32Array {
  const probabilities = new Float32Array(labels.length * CLASSES.length);
  labels.forEach((label, index) => {
    const isRight = random.uniform() < accuracy;
    const answer = isRight
      ? label
      : random.uniform() < 0.7
        ? LOOKALIKE[label]!
        : random.below(CLASSES.length);
    const confidence = 0.52 + 0.47 * random.uniform();
    probabilities.fill((1 - confidence) / 9, index * 10, index * 10 + 10);
    probabilities[index * 10 + answer] = confidence;
  });
  return probabilities;
}

export function record(images: { val: Uint8Array; test: Uint8Array }): DatasetRecord {
  const split = (labels: Uint8Array) => ({ labels, indices: Uint32Array.from(labels.keys()) });
  return {
    digest: 'd'.repeat(64),
    name: 'fashion-mnist',
    classNames: CLASSES,
    image: { height: 28, width: 28, channels: 1 },
    splits: { val: split(images.val), test: split(images.test) },
  };
}

/** Labels for a store without real images. */
export function labels(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, index) => index % CLASSES.length);
}

/** A run from its first step to its last, with ledgers and artifacts. */
export function addRun(tracker: Tracker, shape: RunShape, dataset: DatasetRecord): number {
  const run = startRun(tracker, shape);
  const random = randomStream(shape.seed, 'dashboard-test');
  for (let epoch = 1; epoch <= (shape.epochs ?? 5); epoch++) logEpoch(run, epoch, random);
  run.logDataset(dataset);
  for (const split of ['val', 'test'] as const) {
    const probabilities = probabilitiesFor(dataset.splits[split]!.labels, shape.accuracy, random);
    const { accuracy, loss, macroF1 } = summarizeEvaluation(dataset.splits[split]!.labels, probabilities, 10);
    run.setSummary({
      [`${split}/accuracy`]: accuracy,
      [`${split}/loss`]: loss,
      [`${split}/macroF1`]: macroF1,
    });
    run.logPredictions({
      split,
      checkpoint: 'best',
      datasetDigest: dataset.digest,
      classes: 10,
      probabilities,
    });
  }
  const layers = {
    layers: [{ name: 'conv2d', type: 'Conv2D', outputShape: [28, 28, 32], params: 320, trainable: true }],
    params: 423_946,
    trainableParams: 422_986,
  };
  run.logArtifact('layers.json', new TextEncoder().encode(JSON.stringify(layers)), 'application/json');
  run.finish();
  return run.id;
}

/** Images that say their position: pixel (0, 0) is index % 256, the rest a gradient. */
export function madeDataset(count: number): Dataset {
  const images = new Uint8Array(count * 784).map((_, at) =>
    at % 784 === 0 ? (at / 784) % 256 : ((at % 784) % 28) * 9,
  );
  const set: ImageSet = { images, labels: labels(count), count, height: 28, width: 28, channels: 1 };
  const descriptor: Dataset['descriptor'] = {
    name: 'fashion-mnist',
    title: 'Made up',
    format: 'idx' as const,
    classes: CLASSES,
    image: { height: 28, width: 28, channels: 1 as const },
    sha256: {},
    sources: { urls: [] },
    files: { train: { images: 'a', labels: 'b' }, test: { images: 'c', labels: 'd' } },
  };
  return { descriptor, train: set, test: set, contentSha256: {} };
}
