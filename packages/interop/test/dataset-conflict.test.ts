import { openTracker, type DatasetRecord } from '@atelier/tracker';
import { makeHome } from '@atelier/tracker/testing/home';
import { START } from '@atelier/tracker/testing/home-data';
import { expect, it } from 'vitest';
import { importRuns } from '../src/index.ts';

const DATASET = {
  digest: 'a'.repeat(64),
  name: 'shoes',
  classNames: ['shoe', 'bag'],
  image: { height: 2, width: 2, channels: 1 },
  splits: { test: { labels: Uint8Array.of(0, 1, 1), indices: Uint32Array.of(0, 1, 2) } },
} satisfies DatasetRecord;

function homeWith(dataset: DatasetRecord, name: string): string {
  const home = makeHome();
  using tracker = openTracker({ home });
  const run = tracker.startRun({ ...START, name });
  run.logDataset(dataset);
  run.finish();
  return home;
}

it('an import cannot bring other labels for a digest that is known here', async () => {
  const home = homeWith(DATASET, 'mine');
  const labels = Uint8Array.of(1, 0, 0);
  const forged = { ...DATASET, splits: { test: { ...DATASET.splits.test, labels } } };
  using tracker = openTracker({ home });
  await importRuns(tracker, { path: homeWith(forged, 'stranger') }).catch((error: Error) =>
    expect(error).toMatchObject({ code: 'DATASET_CONFLICT' }),
  );
  expect(tracker.queryRuns({}).runs.map(({ name }) => name)).toEqual(['mine']);
  expect(tracker.dataset(DATASET.digest)).toMatchObject(DATASET);
});
