import { openTracker, type Tracker } from '@atelier/tracker';
import { START } from '@atelier/tracker/testing/home-data';

export const DIGEST = 'd'.repeat(64);

/** Three runs with whatever makes exports go wrong: odd names and values, steps that go back, ledgers, artifacts. */
export function recordOddRuns(home: string): Tracker {
  const tracker = openTracker({ home });
  const run = tracker.startRun({
    ...START,
    project: 'vision/"odd"',
    group: 'a, b',
    name: 'läuft "schnell" 🚀/1',
    tags: ['baseline', 'kind=cnn'],
    notes: 'first line\nsecond, "line"',
  });
  for (let step = 0; step < 300; step++) run.log({ loss: 1 / (step + 1) }, { step, epoch: step / 100 });
  run.log({ odd: NaN, 'loss/train': 0.1 + 0.2, 'bad*name': 1 }, { step: 5 });
  run.log({ odd: Infinity }, { step: 3 });
  run.log({ odd: -Infinity }, { step: -2, epoch: 1.5 });
  run.log({ odd: 5e-324 }, { step: Number.MAX_SAFE_INTEGER });
  run.logArtifact(
    'weights/w.bin',
    Uint8Array.from({ length: 1000 }, (_, at) => at % 251),
    'application/x',
  );
  run.logArtifact('empty.txt', new Uint8Array(), 'text/plain');
  run.logDataset({
    digest: DIGEST,
    name: 'animals',
    classNames: ['cat', 'dog'],
    image: { height: 2, width: 3, channels: 1 },
    splits: { test: { labels: Uint8Array.of(0, 1, 1), indices: Uint32Array.of(4, 70_000, 9) } },
  });
  const probabilities = Float32Array.of(0.9, 0.1, 0.50001, 0.49999, 0.3, 0.7);
  run.logPredictions({ split: 'test', checkpoint: 'best', datasetDigest: DIGEST, classes: 2, probabilities });
  run.setSummary({ 'test/accuracy': 2 / 3, loss: 0.5 });
  run.finish();
  const failed = tracker.startRun({ ...START, name: 'broken', tags: [] });
  failed.log({ loss: 2 }, { step: 1 });
  failed.fail({ code: 'TRAIN_DIVERGED', message: 'the loss is NaN', step: 7 });
  tracker
    .startRun({ ...START, config: { seed: 3, model: { kind: 'other', batchNorm: 'yes' } } })
    .prune('slow');
  return tracker;
}
