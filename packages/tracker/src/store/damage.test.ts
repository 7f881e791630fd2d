import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { START } from '../../test/home-data.ts';
import { makeHome } from '../../test/home.ts';
import { openConnection } from '../connection.ts';
import { openTracker } from '../index.ts';

const DATASET = {
  digest: 'd'.repeat(64),
  name: 'animals',
  classNames: ['cat', 'dog'],
  image: { height: 1, width: 1, channels: 1 },
  splits: { test: { labels: Uint8Array.of(0, 1), indices: Uint32Array.of(0, 1) } },
};

/** A home with 5000 points of two curves and a ledger, after `sql` was done to it. */
function damagedHome(sql: string) {
  const home = makeHome();
  const tracker = openTracker({ home });
  const run = tracker.startRun({ ...START, name: 'a' });
  for (let step = 0; step < 5000; step++)
    run.log({ loss: Math.sin(step), other: step }, { step: step * step });
  run.logDataset(DATASET);
  const probabilities = Float32Array.of(0.9, 0.1, 0.2, 0.8);
  run.logPredictions({
    ...DATASET,
    split: 'test',
    checkpoint: 'best',
    datasetDigest: DATASET.digest,
    classes: 2,
    probabilities,
  });
  run.finish();
  tracker.close();
  const database = openConnection(join(home, 'atelier.db'));
  for (const { name } of database
    .prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    .all())
    database.exec(`DROP TRIGGER ${name}`);
  database.exec(sql);
  database.close();
  const reader = openTracker({ home, readonly: true });
  onTestFinished(() => reader.close());
  return reader;
}

const LOSS = "(SELECT id FROM metric_keys WHERE name = 'loss')";
/** What is said of the data itself: the triggers are gone because the test took them away. */
const bad = (tracker: ReturnType<typeof damagedHome>): string[] =>
  tracker
    .examine()
    .flatMap(({ check, state, found }) =>
      state === 'bad' && ['curves', 'predictions'].includes(check) ? [found] : [],
    );

it('half a block is left out, counted and named; the others are read', () => {
  const tracker = damagedHome(
    `UPDATE curve_chunks SET data = substr(data, 1, length(data) / 2) WHERE key_id = ${LOSS} AND count = 4096 AND level = 0`,
  );
  const { curves } = tracker.curves(1);
  expect(curves.map(({ key, points, missing }) => [key, points.length, missing])).toEqual([
    ['loss', 904, 4096],
    ['other', 5000, undefined],
  ]);
  expect(tracker.curve(1, 'loss', { pixels: 10 })!.total).toBe(5000);
  expect(tracker.curve(1, 'loss', { pixels: 5000 })!.buckets.at(-1)!.stepMax).toBe(4999 ** 2);
  expect(bad(tracker)).toEqual(['loss of run 1: the points 1 to 4096 cannot be read']);
});

it('a block that claims four billion rows takes no memory', () => {
  const tracker = damagedHome(
    `UPDATE curve_chunks SET data = CAST(X'31434F4CFFFFFFFF' || substr(data, 9) AS BLOB) WHERE key_id = ${LOSS}`,
  );
  expect(tracker.curves(1).curves[0]).toMatchObject({ points: [], missing: 5000 });
  expect(tracker.curve(1, 'loss', { pixels: 10 })!.buckets).toEqual([]);
  expect(bad(tracker)[0]).toContain(
    'loss of run 1: the summary of level 1 of points 1 to 4096 cannot be read',
  );
});

it.each([
  ['cut short', 'UPDATE predictions SET probabilities = substr(probabilities, 1, 3)'],
  ['of a class that there is not', "UPDATE predictions SET predicted = X'00FF'"],
])('a ledger %s is none', (_, sql) => {
  const tracker = damagedHome(sql);
  expect(tracker.predictions(1, { split: 'test' })).toBeUndefined();
  expect(bad(tracker)).toEqual(['test/best of run 1 is not whole']);
});

it('a label that there is not is named', () => {
  expect(bad(damagedHome("UPDATE dataset_splits SET labels = X'00FF'"))[0]).toContain(
    'the label 255, but 2 classes',
  );
});
