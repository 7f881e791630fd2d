import { describe, expect, it } from 'vitest';
import { START } from '../test/home-data.ts';
import { makeHome } from '../test/home.ts';
import { openTracker, type DatasetRecord } from './index.ts';

const DATASET = {
  digest: 'a'.repeat(64),
  name: 'shoes',
  classNames: ['shoe', 'bag'],
  image: { height: 2, width: 2, channels: 1 },
  splits: { test: { labels: Uint8Array.of(0, 1, 1), indices: Uint32Array.of(0, 1, 2) } },
} satisfies DatasetRecord;

const other = (change: Partial<DatasetRecord>): DatasetRecord => ({ ...DATASET, ...change });
const split = (labels: number[], indices: number[]) => ({
  labels: Uint8Array.from(labels),
  indices: Uint32Array.from(indices),
});

/** A home with a run that was judged on a dataset. */
function homeWith(dataset: DatasetRecord, name: string): string {
  const home = makeHome();
  using tracker = openTracker({ home });
  const run = tracker.startRun({ ...START, name });
  run.logDataset(dataset);
  run.finish();
  return home;
}

describe('a digest that is recorded already', () => {
  it.each([
    ['labels of test', { splits: { test: split([1, 0, 0], [0, 1, 2]) } }],
    ['labels of test', { splits: { test: split([0, 1], [0, 1]) } }],
    ['images in test', { splits: { test: split([0, 1, 1], [0, 1, 3]) } }],
    ['class names', { classNames: ['bag', 'shoe'] }],
    ['image sizes', { image: { height: 4, width: 1, channels: 1 } }],
  ])('is refused with other %s', (differs, change) => {
    const home = homeWith(DATASET, 'first');
    const expected = expect.objectContaining({
      code: 'DATASET_CONFLICT',
      message: expect.stringContaining(`recorded here with other ${differs}; it is used by run 1 (first)`),
    });
    using tracker = openTracker({ home });
    const run = tracker.startRun({ ...START, name: 'second' });
    expect(() => run.logDataset(other(change))).toThrow(expected);
    run.finish();
    expect(tracker.dataset(DATASET.digest)).toMatchObject(DATASET);
  });

  it('is taken again as it is, under another name, and with more splits', () => {
    const home = homeWith(DATASET, 'first');
    using tracker = openTracker({ home });
    const run = tracker.startRun({ ...START, name: 'second' });
    run.logDataset(DATASET);
    run.logDataset(other({ name: 'boots', splits: { ...DATASET.splits, val: split([1], [7]) } }));
    run.finish();
    expect(Object.keys(tracker.dataset(DATASET.digest)!.splits).sort()).toEqual(['test', 'val']);
  });
});

it('a dataset with two classes of one name is refused', () => {
  const home = makeHome();
  using tracker = openTracker({ home });
  const run = tracker.startRun({ ...START, name: 'twins' });
  expect(() => run.logDataset(other({ classNames: ['shoe', 'shoe'] }))).toThrow(
    'two classes have the same name',
  );
  run.finish();
});
