import { expect, it } from 'vitest';
import { tablePlaces, valueAt } from './curve-places.ts';
import type { PlotLine } from './scene.ts';

function line(x: number[], y: (number | null)[] = x): PlotLine {
  return {
    ...{ id: '1 val/loss', run: 1, label: 'val/loss', span: 1, colour: 'red', dashed: false },
    ...{ x, y, low: null, high: null, smooth: null, odd: [] },
  };
}

it('has a row for each whole epoch, and for an end between two', () => {
  const train = line([0.25, 0.5, 0.75, 1, 1.5, 2, 2.5]);
  expect(tablePlaces([train, line([1, 2])], 'epoch', null)).toEqual([1, 2, 2.5]);
  expect(tablePlaces([train], 'epoch', [0.6, 1.2])).toEqual([1]);
});

it('has rows where there are points on other axes, at most fifty and the last of them', () => {
  expect(tablePlaces([line([3, 7]), line([5, 7])], 'step', null)).toEqual([3, 5, 7]);
  const many = tablePlaces([line(Array.from({ length: 1000 }, (_, at) => at + 1))], 'step', null);
  expect(many).toHaveLength(50);
  expect(many.at(-1)).toBe(1000);
  expect(tablePlaces([], 'epoch', null)).toEqual([]);
});

it('tells the last value up to a place', () => {
  const values = line([1, 2, 3], [10, null, 30]);
  expect([0.5, 1, 1.9, 2.5, 9].map((place) => valueAt(values, place))).toEqual([undefined, 10, 10, null, 30]);
});
