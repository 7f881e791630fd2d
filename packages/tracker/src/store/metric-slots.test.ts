import { expect, it } from 'vitest';
import { MetricSlots } from './metric-slots.ts';

it('a name has one key wherever it stands, and keys follow the first call of each name', () => {
  const slots = new MetricSlots();
  const keysOf = (names: readonly string[]): number[] => names.map((name, place) => slots.keyAt(place, name));
  expect(keysOf(['a', 'b', 'c'])).toEqual([0, 1, 2]);
  expect(keysOf(['a', 'b', 'c'])).toEqual([0, 1, 2]);
  expect(keysOf(['b', 'd'])).toEqual([1, 3]);
  expect(keysOf(['a', 'b', 'c', 'd'])).toEqual([0, 1, 2, 3]);
  expect(slots.keyAt(9, 'e')).toBe(4);
  expect(slots.keyAt(9, 'e')).toBe(4);
  expect(slots.names).toEqual(['a', 'b', 'c', 'd', 'e']);
});
