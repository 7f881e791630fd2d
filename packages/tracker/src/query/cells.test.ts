import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { START } from '../../test/home-data.ts';
import { openForWriting } from '../database.ts';
import { openTracker } from '../index.ts';

const home = mkdtempSync(join(tmpdir(), 'atelier-cells-'));
const DATASET = {
  digest: 'notes',
  name: 'notes',
  classNames: ['1', '2', '5', '10'],
  image: { height: 1, width: 1, channels: 1 },
  splits: {
    test: { labels: Uint8Array.of(0, 1, 2, 2, 3, 3, 3), indices: Uint32Array.of(0, 1, 2, 3, 4, 5, 6) },
  },
};
/** Rows: true 1, 2, 5, 10. */
const PREDICTED = [0, 1, 3, 3, 1, 1, 1];

function record(): void {
  using tracker = openTracker({ home });
  const run = tracker.startRun({ ...START, name: 'banknotes' });
  run.logDataset(DATASET);
  const probabilities = Float32Array.from(
    PREDICTED.flatMap((of) => [0, 1, 2, 3].map((k) => Number(k === of))),
  );
  run.logPredictions({ split: 'test', checkpoint: 'c', datasetDigest: 'notes', classes: 4, probabilities });
  run.finish();
}

record();
const tracker = openTracker({ home });
afterAll(() => {
  tracker.close();
  rmSync(home, { recursive: true });
});

const matches = (filter: string): boolean => tracker.queryRuns({ filter }).runs.length === 1;
const column = (name: string) => tracker.queryRuns({ columns: [name] }).runs[0]!.columns[name];

describe('classes whose names are digits', () => {
  it.each([
    ['cm["10","2"]', 3],
    ['cm["5","10"]', 2],
    ['cm["1","1"]', 1],
    ['cm["2","2"]', 1],
    ['cm["1","2"]', 0],
    ['cm[3, 1]', 3],
    ['cm[2, 3]', 2],
    ['cm[3, "2"]', 3],
  ])('%s is the cell of these names, or without quotes of these numbers: %i', (cell, count) => {
    expect(column(cell)).toBe(count);
    expect(matches(`${cell} = ${count}`)).toBe(true);
    expect(tracker.queryRuns({ sort: [{ by: cell }] }).runs).toHaveLength(1);
  });

  it('are offered in quotes', () => {
    expect(tracker.complete('cm["1').options.map(({ text }) => text)).toEqual(['"1"', '"10"']);
  });

  it('have no other cells: a name nobody knows is said, a number nobody has matches nothing', () => {
    expect(() => matches('cm["77","88"] = 0')).toThrow('no dataset has a class "77"');
    expect(() => matches('cm["10","20"] = 0')).toThrow(/no dataset has a class "20"\. Did you mean/);
    for (const test of ['= 0', '!= 1', '< 5', 'in (0, 1)']) expect(matches(`cm[4, 0] ${test}`)).toBe(false);
    expect(column('cm[4, 0]')).toBeNull();
    expect(() => matches('cm[1.5, 0] = 0')).toThrow('expected a class as "Shirt" or its number');
  });
});

it('a name that two classes of an older record share is no cell', () => {
  const raw = openForWriting(home);
  raw.prepare('UPDATE datasets SET class_names = ?').run('["shoe","shoe","bag","hat"]');
  raw.close();
  expect(column('cm["shoe","shoe"]')).toBeNull();
  expect(matches('cm["shoe","bag"] >= 0')).toBe(false);
  expect(column('cm[1, 1]')).toBe(1);
});
