import { expect, it } from 'vitest';
import { orderByConfusion } from './matrix-order.ts';

it('puts classes side by side that are taken for each other', () => {
  const counts = [
    [9, 0, 0, 5],
    [0, 9, 2, 0],
    [0, 1, 9, 0],
    [4, 1, 0, 9],
  ];
  // 0 and 3 are tied by 9, 1 and 2 by 3, 1 and 3 by 1
  expect(orderByConfusion(counts)).toEqual([0, 3, 1, 2]);
  expect(orderByConfusion([[3]])).toEqual([0]);
});
