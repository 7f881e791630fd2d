import { splitDataset, type Dataset, type ImageSet, type Splits } from '@atelier/data';
import { buildClassifier, saveModel, type Classifier } from '@atelier/model';
import { createHash } from 'node:crypto';
import type { TrainConfig } from '../src/config.ts';
import type { EpochEvent, TrainEvent } from '../src/events.ts';
import { fit } from '../src/fit.ts';
import { parseConfig, type RawSettings } from '../src/settings.ts';
import { CLASSES, drawImages, SIDE } from './tiny-dataset.ts';

export const MODEL = {
  kind: 'seed-cnn',
  filters: [4],
  blockDropout: [0.25],
  dense: [8],
  denseDropout: [0.2],
};

export function configOf(settings: RawSettings = {}): TrainConfig {
  const optimizer = { kind: 'adam', learningRate: 0.01 };
  return parseConfig({
    project: 'test',
    data: {},
    model: MODEL,
    optimizer,
    epochs: 2,
    batchSize: 20,
    ...settings,
  });
}

function tinySplits(trainCount = 150): Splits {
  const set = (count: number, seed: number): ImageSet => {
    const { pixels, labels } = drawImages(count, seed);
    return { images: pixels, labels, count, height: SIDE, width: SIDE, channels: 1 };
  };
  const files = { images: 'images', labels: 'labels' };
  const dataset = {
    descriptor: {
      name: 'tiny',
      title: 'Tiny',
      format: 'idx',
      classes: CLASSES,
      image: { height: SIDE, width: SIDE, channels: 1 },
      files: { train: files, test: files },
      sha256: {},
      sources: { urls: [] },
    },
    train: set(trainCount, 1),
    test: set(30, 2),
    contentSha256: {},
  } satisfies Dataset;
  return splitDataset(dataset, { validation: 30, seed: 1 });
}

export const splits = tinySplits();

export function classifierOf(config: TrainConfig): Classifier {
  return buildClassifier(config.model, {
    inputShape: [SIDE, SIDE, 1],
    classes: CLASSES.length,
    seed: config.seed,
  });
}

export async function events(
  config: TrainConfig,
  classifier: Classifier,
  signal?: AbortSignal,
): Promise<TrainEvent[]> {
  const all: TrainEvent[] = [];
  for await (const event of fit({ config, classifier, splits, signal })) all.push(event);
  return all;
}

export const epochsOf = (all: readonly TrainEvent[]): EpochEvent[] =>
  all.filter((event) => event.type === 'epoch');

export async function digestOf(classifier: Classifier): Promise<string> {
  const files = await saveModel(classifier.model);
  return createHash('sha256').update(files[1]!.bytes).digest('hex');
}

export async function trained(config: TrainConfig): Promise<{ all: TrainEvent[]; digest: string }> {
  const classifier = classifierOf(config);
  const all = await events(config, classifier);
  const digest = await digestOf(classifier);
  classifier.dispose();
  return { all, digest };
}
