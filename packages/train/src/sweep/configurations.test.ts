import type { Trial } from '@atelier/search';
import { expect, it } from 'vitest';
import { configurations } from './configurations.ts';

const trial = (number: number, x: number, change: Partial<Trial>): Trial => ({
  ...{ number, state: 'COMPLETE', parameters: { x }, values: [], reports: [] },
  ...change,
});

it('takes the seeds of a configuration together, with their means', () => {
  const found = configurations(
    [
      trial(0, 1, { values: [1, 10], reports: [{ step: 1, value: 3 }] }),
      trial(1, 1, {
        values: [3, 30],
        reports: [
          { step: 1, value: 5 },
          { step: 2, value: 4 },
        ],
      }),
      trial(2, 2, { values: [5, 5] }),
      trial(3, 2, { state: 'FAILED' }),
      trial(4, 3, { state: 'PRUNED' }),
      trial(5, 3, { values: [1, 1] }),
      trial(6, 4, { values: [1, 1] }),
      trial(7, 4, { state: 'RUNNING' }),
    ],
    2,
  );
  expect(found).toMatchObject([
    {
      number: 0,
      state: 'COMPLETE',
      values: [2, 20],
      reports: [
        { step: 1, value: 4 },
        { step: 2, value: 4 },
      ],
    },
    { number: 1, state: 'COMPLETE', values: [5, 5] },
    { number: 2, state: 'PRUNED', values: [] },
    { number: 3, state: 'RUNNING', values: [] },
  ]);
});

it('leaves trials of one seed as they are', () => {
  const trials = [trial(0, 1, { values: [1] }), trial(1, 1, { values: [2] })];
  expect(configurations(trials, 1)).toBe(trials);
});
