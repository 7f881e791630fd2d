import { beforeAll, describe, expect, it } from 'vitest';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { START } from '../../test/home-data.ts';
import { openTracker, QueryError, TrackerInputError, type Tracker } from '../index.ts';
import { studentQuantile } from './student.ts';

const DATASET = {
  digest: 'd1',
  name: 'clothes',
  classNames: ['T-shirt/top', 'Shirt', 'Coat'],
  image: { height: 1, width: 1, channels: 1 },
  splits: { test: { labels: Uint8Array.of(0, 1, 1, 1, 2), indices: Uint32Array.of(0, 1, 2, 3, 4) } },
};

let tracker: Tracker;

/** Probabilities that predict these classes. */
function sure(classes: readonly number[]): Float32Array {
  return Float32Array.from(classes.flatMap((winner) => [0, 1, 2].map((index) => (index === winner ? 1 : 0))));
}

function record(
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

beforeAll(() => {
  tracker = openTracker({ home: mkdtempSync(join(tmpdir(), 'atelier-query-')) });
  record('one', {
    rate: 0.001,
    accuracy: [0.5, 0.95, 0.9],
    tags: ['baseline', 'old'],
    predicted: [0, 0, 0, 1, 2],
  });
  record('two', { rate: 0.01, accuracy: [0.7, 0.8], predicted: [0, 1, 1, 0, 2] });
  record('three', { rate: 0.1, accuracy: [0.6, NaN], seed: 3 });
  record('failed', { rate: 0.001, seed: 2 });
  record('odd 😀 "quoted" a/b', { rate: 'auto', accuracy: [Infinity], odd: true });
  record('six', { rate: 0.001, accuracy: [0.7, 0.92], seed: 7 });
});

const names = (filter: string): string[] => tracker.queryRuns({ filter }).runs.map((run) => run.name);

describe('a filter', () => {
  it.each([
    ['', ['six', 'odd 😀 "quoted" a/b', 'failed', 'three', 'two', 'one']],
    ['val/accuracy > 0.85', ['six', 'odd 😀 "quoted" a/b', 'one']],
    ['val/accuracy > 0.85 and val/accuracy < 1', ['six', 'one']],
    ['max(val/accuracy) >= 0.95 and max(val/accuracy) < inf', ['one']],
    ['min(val/accuracy) = 0.6', ['three']],
    ['val/accuracy = nan', ['three']],
    ['val/accuracy = inf', ['odd 😀 "quoted" a/b']],
    ['not val/accuracy > 0.85', ['failed', 'three', 'two']],
    ['val/accuracy != 0.9', ['six', 'odd 😀 "quoted" a/b', 'three', 'two']],
    ['optimizer.learningRate < 0.01', ['six', 'failed', 'one']],
    ['optimizer.learningRate = "auto"', ['odd 😀 "quoted" a/b']],
    ['optimizer.learningRate in (0.01, 0.1)', ['three', 'two']],
    [
      'optimizer.learningRate not in (0.01, 0.1) and status = FINISHED',
      ['six', 'odd 😀 "quoted" a/b', 'one'],
    ],
    ['augment = true', ['three']],
    ['`a b` = 1', ['odd 😀 "quoted" a/b']],
    ['param("a b") = 1', ['odd 😀 "quoted" a/b']],
    ['tag = "baseline" or status = failed', ['failed', 'one']],
    ['tag ~ base and not tag = x', ['one']],
    ['tag != baseline and seed = 2', ['failed']],
    ['name ~ "T"', ['three', 'two', 'odd 😀 "quoted" a/b']],
    ['name ~ "t*"', ['three', 'two']],
    ['name = "odd 😀 \\"quoted\\" a/b"', ['odd 😀 "quoted" a/b']],
    ['notes ~ "100%"', ['odd 😀 "quoted" a/b']],
    ['notes ~ "odd_o"', ['odd 😀 "quoted" a/b']],
    ['notes ~ "oddxo"', []],
    ['error = DIVERGED', ['failed']],
    ['created > -1h and id <= 2', ['two', 'one']],
    ['created > "2099-01-01" or started < 2001-01-01', []],
    ['ended > -1d and duration < 5m and id in (1, 2)', ['two', 'one']],
    ['cm["Shirt","T-shirt/top"] < 2', ['two']],
    ['cm["Shirt","T-shirt/top"] >= 1', ['two', 'one']],
    ['cm["Shirt","Coat"] = 0', ['two', 'one']],
    ['cm[1, 0] = 2', ['one']],
    ['cm["Shirt","Trouser"] = 0', []],
    ['cm.val["Shirt","Coat"] = 0', []],
    ['(tag = old && val/accuracy >= .9) || ! (id > 1)', ['one']],
    [
      'val/accuracy > 0.92 and optimizer.learningRate < 0.01 and cm["Shirt","T-shirt/top"] < 110 or tag = "baseline"',
      ['one'],
    ],
  ])('%s', (filter, expected) => {
    expect(new Set(names(filter))).toEqual(new Set(expected));
    expect(names(filter)).toEqual([...names(filter)]);
  });

  it('is true or false for every run: not turns it round exactly', () => {
    for (const filter of [
      'val/accuracy > 0.8',
      'seed = 2',
      'cm["Shirt","Coat"] = 0',
      'group = x',
      'notes ~ odd',
      'ended > -1h',
    ]) {
      const yes = names(filter);
      const no = names(`not (${filter})`);
      expect([...yes, ...no].sort(), filter).toEqual(names('').sort());
    }
  });

  it.each([
    ['val/acuracy > 1', 0, 11, 'Did you mean val/accuracy?'],
    ['seed = 1 and optimizer.learningrate < 1', 13, 35, 'optimizer.learningRate'],
    ['val/accuracy >', 14, 14, 'found the end'],
    ['val/accuracy > "high"', 15, 21, 'val/accuracy is a number; "high" is none'],
    ['val/accuracy ~ 1', 0, 12, '~ is for texts'],
    ['optimizer.kind < 3', 17, 18, 'optimizer.kind is a text in every run'],
    ['seed = "one"', 7, 12, 'seed is a number in every run'],
    ['status = DONE', 9, 13, 'RUNNING, FINISHED, FAILED'],
    ['created > yesterday', 10, 19, 'write "2026-11-20"'],
    ['(seed = 1', 9, 9, 'expected ")"'],
    ['seed = 1 seed = 2', 9, 13, 'expected "and", "or" or the end'],
    ['seed = "open', 7, 12, 'no closing "'],
    ['seed # 1', 5, 6, '"#" means nothing here'],
    ['mean(val/loss) < 1', 0, 4, 'min'],
    ['min(val/los) < 1', 4, 11, 'val/loss'],
    ['xx["a","b"] < 1', 0, 2, 'only cm[...]'],
    ['cm["a"] < 1', 6, 7, 'expected ","'],
    ['seed in 1', 8, 9, 'expected "("'],
    ['tag > 1', 6, 7, 'tags can be'],
  ])('%s: says what is wrong and where', (filter, at, end, message) => {
    const error = (() => {
      try {
        names(filter);
      } catch (thrown) {
        return thrown as QueryError;
      }
      return undefined;
    })();
    expect(error).toBeInstanceOf(QueryError);
    expect([error!.at, error!.end]).toEqual([at, end]);
    expect(error!.message).toContain(message);
    expect(error!.usage).toBe(true);
  });

  it('cannot smuggle SQL in, nor exhaust the parser', () => {
    expect(names('name = "x\' OR 1=1 --"')).toEqual([]);
    expect(() => names(`${'('.repeat(5000)}seed = 1`)).toThrow('nested too deeply');
  });
});

describe('the table', () => {
  it('sorts by metrics, parameters, extremes and cells; runs without a value come last', () => {
    const sorted = (by: string, order: 'asc' | 'desc' = 'desc') =>
      tracker.queryRuns({ sort: [{ by, order }] }).runs.map((run) => run.id);
    expect(sorted('val/accuracy')).toEqual([5, 6, 1, 2, 4, 3]);
    expect(sorted('val/accuracy', 'asc')).toEqual([2, 1, 6, 5, 4, 3]);
    expect(sorted('max(val/accuracy)').slice(0, 3)).toEqual([5, 1, 6]);
    expect(sorted('seed', 'asc')).toEqual([5, 2, 1, 4, 3, 6]);
    expect(sorted('cm["Shirt","T-shirt/top"]').slice(0, 2)).toEqual([1, 2]);
    expect(() => sorted('nothing')).toThrow(QueryError);
    expect(() => sorted('id = 3 or id')).toThrow(QueryError);
  });

  it.each([
    [[]],
    [[{ by: 'val/accuracy' }]],
    [[{ by: 'val/accuracy', order: 'asc' as const }]],
    [[{ by: 'seed', order: 'asc' as const }, { by: 'val/loss' }]],
    [[{ by: 'optimizer.learningRate' }, { by: 'name' }]],
  ])('pages lose and repeat nothing: %j', (sort) => {
    const whole = tracker.queryRuns({ sort }).runs.map((run) => run.id);
    for (const limit of [1, 2, 5]) {
      const paged: number[] = [];
      let cursor: string | undefined;
      do {
        const page = tracker.queryRuns({ sort, limit, ...(cursor !== undefined && { cursor }) });
        paged.push(...page.runs.map((run) => run.id));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(paged).toEqual(whole);
    }
  });

  it('gives the columns asked for, and the count', () => {
    const { runs, total, next } = tracker.queryRuns({
      filter: 'id <= 2',
      limit: 1,
      count: true,
      metrics: ['val/loss'],
      columns: ['optimizer.learningRate', 'cm["Shirt","T-shirt/top"]', 'min(val/accuracy)'],
    });
    expect(total).toBe(2);
    expect(next).toBeTypeOf('string');
    expect(runs[0]!.columns).toEqual({
      'optimizer.learningRate': 0.01,
      'cm["Shirt","T-shirt/top"]': 1,
      'min(val/accuracy)': 0.7,
    });
    expect(Object.keys(runs[0]!.metrics)).toEqual(['val/loss']);
  });

  it('refuses a wrong limit and a foreign cursor', () => {
    expect(() => tracker.queryRuns({ limit: 0 })).toThrow(TrackerInputError);
    expect(() => tracker.queryRuns({ cursor: 'nonsense' })).toThrow('is no cursor');
    const { next } = tracker.queryRuns({ limit: 1, sort: [{ by: 'seed' }] });
    expect(() => tracker.queryRuns({ limit: 1, cursor: next! })).toThrow('is no cursor');
  });
});

describe('seed families', () => {
  it('find themselves, with mean and interval', () => {
    const [family, ...rest] = tracker.families({ metrics: ['val/accuracy'] });
    expect(rest).toEqual([]);
    expect(family!.runs.map(({ name, seed }) => [name, seed])).toEqual([
      ['six', 7],
      ['one', 1],
    ]);
    const { 'val/accuracy': spread } = family!.metrics;
    expect(spread).toMatchObject({ n: 2, min: 0.9, max: 0.92 });
    expect(spread!.mean).toBeCloseTo(0.91, 12);
    expect(spread!.sd).toBeCloseTo(0.02 / Math.SQRT2, 12);
    // half the difference times Student's t for one degree of freedom
    expect(spread!.high! - spread!.mean).toBeCloseTo(0.01 * 12.706204736432095, 9);
    expect(tracker.getRun(1).family).toBe(family!.family);
    expect(tracker.families({ atLeast: 3 })).toEqual([]);
    expect(tracker.families({ project: 'other' })).toEqual([]);
  });

  it("have Student's interval", () => {
    // scipy.stats.t.ppf(0.975, n)
    const known = {
      1: 12.706204736432095,
      2: 4.302652729911275,
      4: 2.7764451051977987,
      30: 2.0422724563012373,
      1000: 1.9623390808264078,
    };
    for (const [freedom, t] of Object.entries(known)) {
      expect(studentQuantile(0.95, Number(freedom))).toBeCloseTo(t, 9);
    }
  });
});

describe('completion', () => {
  const options = (text: string, cursor?: number) =>
    tracker.complete(text, cursor).options.map((option) => option.text);

  it.each([
    ['', 'val/accuracy'],
    ['opt', 'optimizer.learningRate'],
    ['seed = 1 and val', 'val/loss'],
    ['not st', 'status'],
    ['val/accuracy ', '>='],
    ['val/accuracy > 0.5 ', 'and'],
    ['status = ', '"FINISHED"'],
    ['status = "FA', '"FAILED"'],
    ['tag = ', '"baseline"'],
    ['optimizer.kind in (', '"adam"'],
    ['seed = ', '3'],
    ['min(', 'val/loss'],
    ['cm["Shirt",', '"Coat"'],
    ['created > ', '-7d'],
    ['', '`a b`'],
  ])('after %j offers %s', (text, expected) => {
    expect(options(text)).toContain(expected);
  });

  it('says what it takes the place of, also in the middle', () => {
    expect(tracker.complete('seed = 1 and val/ac > 1', 19)).toMatchObject({ from: 13, to: 19 });
  });

  it('never throws', () => {
    const text = 'val/accuracy > "x and (cm["a", min( # ~ not in (1,';
    for (let at = 0; at <= text.length; at++) expect(() => tracker.complete(text, at)).not.toThrow();
  });
});

describe('SQL', () => {
  it('reads, also curves, and nothing else', { timeout: 60_000 }, async () => {
    const { columns, rows, more } = await tracker.sql("SELECT step, value FROM points(1, 'val/accuracy')");
    expect({ columns, rows, more }).toEqual({
      columns: ['step', 'value'],
      rows: [
        [0, 0.5],
        [1, 0.95],
        [2, 0.9],
      ],
      more: false,
    });
    expect(await tracker.sql('SELECT id FROM runs ORDER BY id', { limit: 2 })).toMatchObject({
      rows: [[1], [2]],
      more: true,
    });
    await expect(tracker.sql('DELETE FROM runs')).rejects.toThrow('only statements that return rows');
    await expect(tracker.sql('DELETE FROM runs RETURNING id')).rejects.toThrow(/read-only/);
    await expect(tracker.sql('SELEC 1')).rejects.toThrow('syntax error');
    const endless = 'WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t';
    await expect(tracker.sql(endless, { timeoutMs: 300 })).rejects.toThrow('took longer than 0.3 s');
  });
});
