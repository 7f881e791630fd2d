import { loadDataset, randomStream, splitDataset } from '@atelier/data';
import { openTracker } from '@atelier/tracker';
import { addRun, logEpoch, startRun, type RunShape } from './store.ts';

/**
 * Fills a home with made-up runs over its real images, to look at the page without training:
 * `ATELIER_HOME=... tsx test/fill.ts [seconds to keep one run training]`.
 */
const home = process.env['ATELIER_HOME'];
if (home === undefined) throw new Error('set ATELIER_HOME to a home that may be filled with made-up runs');
const dataset = await loadDataset('fashion-mnist', { home });
const { val, test, digest, descriptor } = splitDataset(dataset);
using tracker = openTracker({ home });
const record = {
  digest,
  name: descriptor.name,
  classNames: descriptor.classes,
  image: descriptor.image,
  splits: {
    val: { labels: val.labels, indices: val.indices },
    test: { labels: test.labels, indices: test.indices },
  },
};
const shapes: RunShape[] = [
  { name: 'seed-cnn-1', seed: 1, accuracy: 0.904 },
  { name: 'seed-cnn-2', seed: 2, accuracy: 0.918, settings: { batchSize: 64 } },
  { name: 'seed-cnn-before-norm', seed: 3, accuracy: 0.911, epochs: 8 },
];
for (const shape of shapes) addRun(tracker, shape, record);
startRun(tracker, { name: 'seed-cnn-hot', seed: 4, accuracy: 0.1 }).fail({
  code: 'DIVERGED',
  message: 'the loss became NaN at step 12: try a lower optimizer.learningRate',
  step: 12,
});
const running = startRun(tracker, { name: 'seed-cnn-live', seed: 5, accuracy: 0.9, epochs: 20 });
for (let epoch = 1; epoch <= 3; epoch++) logEpoch(running, epoch, randomStream(5, epoch));
running.flush();
await new Promise((resolve) => setTimeout(resolve, 1000 * Number(process.argv[2] ?? 0)));
running.kill('made up');
