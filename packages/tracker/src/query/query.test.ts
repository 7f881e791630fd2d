import { afterAll, describe, expect, it } from 'vitest';
import { makeQueryHome } from '../../test/query-home.ts';
import { QueryError, TrackerInputError } from '../index.ts';

const { tracker, close } = makeQueryHome();
afterAll(close);

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

  it.each(['constructor = 1', '__proto__ = 1', 'toString(x) = 1', 'min(constructor) = 1', 'seed > valueOf'])(
    'takes no name that every object has for one of its own: %s',
    (filter) => expect(() => names(filter)).toThrow(QueryError),
  );

  it('names the nearest field', () => {
    expect(() => names('statsu = FINISHED')).toThrow('Did you mean status?');
  });

  it('connects as many conditions as anybody writes', () => {
    const many = Array.from({ length: 3000 }, (_, at) => at + 1);
    expect(names(many.map((id) => `id = ${id}`).join(' or ')).length).toBe(6);
    expect(names(`id in (${many.join()})`).length).toBe(6);
    expect(names(many.map((id) => `id != ${id + 1}`).join(' and '))).toEqual(['one']);
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
    ['cm["Shirt","Trouser"] = 0', 11, 20, 'no dataset has a class "Trouser"'],
    ['cm["Shrit","Coat"] = 0', 3, 10, 'Did you mean Shirt?'],
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

  it('counts the runs of a filter that are not in the trash', () => {
    const total = (filter: string, trash = false) =>
      tracker.queryRuns({ filter, trash, count: true, limit: 1 }).total;
    const filters = ['val/accuracy > 0.85', 'seed = 1', 'tag ~ "*l*"', 'status = FINISHED', 'not seed = 1'];
    const before = filters.map((filter) => total(filter));
    expect(before).toEqual([3, 3, 1, 5, 3]);
    tracker.trash([1]);
    expect(filters.map((filter) => total(filter))).toEqual([2, 2, 0, 4, 3]);
    expect(filters.map((filter) => total(filter, true))).toEqual([1, 1, 1, 1, 0]);
    tracker.restore([1]);
    expect(filters.map((filter) => total(filter))).toEqual(before);
  });

  it('refuses a wrong limit and a foreign cursor', () => {
    expect(() => tracker.queryRuns({ limit: 0 })).toThrow(TrackerInputError);
    expect(() => tracker.queryRuns({ cursor: 'nonsense' })).toThrow('is no cursor');
    const { next } = tracker.queryRuns({ limit: 1, sort: [{ by: 'seed' }] });
    expect(() => tracker.queryRuns({ limit: 1, cursor: next! })).toThrow('is no cursor');
  });
});
