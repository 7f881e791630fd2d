import { removeFolder } from './home.ts';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTracker, type Tracker } from '../src/index.ts';
import { START } from './home-data.ts';

const DATASET = {
  digest: 'd1',
  name: 'clothes',
  classNames: ['T-shirt/top', 'Shirt', 'Coat'],
  image: { height: 1, width: 1, channels: 1 },
  splits: { test: { labels: Uint8Array.of(0, 1, 1, 1, 2), indices: Uint32Array.of(0, 1, 2, 3, 4) } },
};

/** Probabilities that predict these classes. */
function sure(classes: readonly number[]): Float32Array {
  return Float32Array.from(classes.flatMap((winner) => [0, 1, 2].map((index) => (index === winner ? 1 : 0))));
}

function record(
  tracker: Tracker,
  name: string,
  options: {
    rate: number | string;
    seed?: number;
    accuracy?: number[];
    tags?: string[];
    predicted?: number[];
    odd?: boolean;
  },
): void {
  const { rate, seed = 1, accuracy = [], tags = [], predicted } = options;
  const config = {
    optimizer: { kind: 'adam', learningRate: rate },
    seed,
    augment: seed === 3,
    ...(options.odd && { 'a b': 1 }),
  };
  const run = tracker.startRun({
    ...START,
    name,
    config,
    tags,
    ...(options.odd && { notes: 'an 100% odd_one' }),
    ...(name === 'six' && { datasetDigest: 'd1' }),
  });
  accuracy.forEach((value, step) => run.log({ 'val/accuracy': value, 'val/loss': 1 - value }, { step }));
  if (predicted !== undefined) {
    run.logPredictions({
      split: 'test',
      checkpoint: 'c',
      datasetDigest: 'd1',
      classes: 3,
      probabilities: sure(predicted),
    });
    run.logDataset(DATASET);
  }
  if (name === 'failed') run.fail({ code: 'DIVERGED', message: 'x' });
  else run.finish();
}

/** Six runs to ask about: with and without metrics, tags, matrices, seeds, odd names. Call `close` at the end. */
export function makeQueryHome(): { tracker: Tracker; close: () => void } {
  const home = mkdtempSync(join(tmpdir(), 'atelier-query-'));
  const tracker = openTracker({ home });
  record(tracker, 'one', {
    rate: 0.001,
    accuracy: [0.5, 0.95, 0.9],
    tags: ['baseline', 'old'],
    predicted: [0, 0, 0, 1, 2],
  });
  record(tracker, 'two', { rate: 0.01, accuracy: [0.7, 0.8], predicted: [0, 1, 1, 0, 2] });
  record(tracker, 'three', { rate: 0.1, accuracy: [0.6, NaN], seed: 3 });
  record(tracker, 'failed', { rate: 0.001, seed: 2 });
  record(tracker, 'odd 😀 "quoted" a/b', { rate: 'auto', accuracy: [Infinity], odd: true });
  record(tracker, 'six', { rate: 0.001, accuracy: [0.7, 0.92], seed: 7 });
  const close = (): void => {
    tracker.close();
    removeFolder(home);
  };
  return { tracker, close };
}
