import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { openTracker, type Tracker } from '@atelier/tracker';
import { makeHome } from '@atelier/tracker/testing/home';
import { makeOldHome } from '@atelier/tracker/testing/old-home';
import { importRuns, openBundle } from '../src/index.ts';

/** What the version of Atelier exported that wrote databases of version 7: the runs `curves` and `broken`. */
const EXPORTS = fileURLToPath(new URL('fixtures/version-7', import.meta.url));

function unpack(packed: string, to: string): string {
  writeFileSync(to, gunzipSync(readFileSync(join(EXPORTS, packed))));
  return to;
}

function expectWhole(tracker: Tracker): void {
  const run = tracker.getRun(tracker.findRunId('curves'));
  const { curves } = tracker.curves(run.id, { keys: ['train/loss'] });
  expect(curves[0]!.points.map(({ value }) => value)).toEqual(
    Array.from({ length: 300 }, (_, step) => 1 / (step + 1)),
  );
  expect(run).toMatchObject({ status: 'FINISHED', tags: ['baseline'], notes: 'an old run' });
  expect(run.metrics).toMatchObject({ odd: Infinity, 'test/accuracy': 2 / 3 });
  expect(Buffer.from(tracker.readArtifact(run.id, 'notes.txt')).toString()).toBe('kept');
  const broken = tracker.getRun(tracker.findRunId('broken'));
  expect(broken).toMatchObject({ status: 'FAILED', error: { code: 'TRAIN_DIVERGED', step: 7 } });
}

it('a bundle of an earlier version opens, and is imported, with all it holds', async () => {
  const file = unpack('runs.atelier.gz', join(makeHome(), 'runs.atelier'));
  using bundle = openBundle(file);
  expectWhole(bundle);
  using tracker = openTracker({ home: makeHome() });
  expect((await importRuns(tracker, { path: file })).imported).toHaveLength(2);
  expectWhole(tracker);
});

it('an MLflow store that an earlier version wrote comes back as its runs', async () => {
  const folder = makeHome();
  cpSync(join(EXPORTS, 'mlflow'), folder, { recursive: true });
  unpack('mlflow/mlflow.db.gz', join(folder, 'mlflow.db'));
  using tracker = openTracker({ home: makeHome() });
  expect((await importRuns(tracker, { path: folder })).imported).toHaveLength(2);
  expectWhole(tracker);
});

it('both are known again in the home they came from', async () => {
  const folder = makeHome();
  using tracker = openTracker({ home: makeOldHome() });
  for (const path of [
    unpack('runs.atelier.gz', join(folder, 'runs.atelier')),
    unpack('mlflow/mlflow.db.gz', join(folder, 'mlflow.db')),
  ]) {
    expect(await importRuns(tracker, { path })).toMatchObject({ imported: [], skipped: { length: 2 } });
  }
});
