import { openTracker } from '../../src/index.ts';
import { START } from '../home-data.ts';

/** Records a finished run with a ledger of three samples. */
using tracker = openTracker({ home: process.argv[2]! });
const run = tracker.startRun({ ...START, name: 'baseline' });
run.log({ 'val/accuracy': 0.75, 'val/loss': NaN }, { step: 10, epoch: 1 });
run.logDataset({
  digest: 'd1',
  name: 'pets',
  classNames: ['cat', 'dog'],
  image: { height: 28, width: 28, channels: 1 },
  splits: { test: { labels: Uint8Array.of(0, 1, 1), indices: Uint32Array.of(0, 1, 2) } },
});
run.logPredictions({
  split: 'test',
  checkpoint: 'best',
  datasetDigest: 'd1',
  classes: 2,
  probabilities: Float32Array.of(0.9, 0.1, 0.6, 0.4, 0.2, 0.8),
});
run.setSummary({ 'test/accuracy': 2 / 3 });
run.logArtifact('model.json', Buffer.from('{}'), 'application/json');
run.finish();
