import { afterAll, describe, expect, it } from 'vitest';
import { START } from '../../test/home-data.ts';
import { makeHome } from '../../test/home.ts';
import { makeQueryHome } from '../../test/query-home.ts';
import { openTracker } from '../index.ts';

const { tracker, close } = makeQueryHome();
afterAll(close);

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

  it('count a seed once, however often it was replayed', () => {
    const home = makeHome();
    using own = openTracker({ home });
    const finished = (name: string, seed: number | undefined, value: number): void => {
      const run = own.startRun({
        ...START,
        name,
        config: { batchSize: 8, ...(seed !== undefined && { seed }) },
      });
      run.log({ 'val/loss': value }, { step: 1 });
      run.finish();
    };
    finished('first', 1, 0.5);
    finished('replay', 1, 0.5);
    expect(own.families()).toEqual([]);
    finished('other', 2, 0.7);
    const [family] = own.families();
    expect(family!.runs.map(({ name, seed }) => [name, seed])).toEqual([
      ['other', 2],
      ['replay', 1],
    ]);
    expect(family!.metrics['val/loss']).toMatchObject({ n: 2, mean: 0.6 });
  });
});
