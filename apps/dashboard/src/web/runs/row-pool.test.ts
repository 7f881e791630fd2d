import { expect, it } from 'vitest';
import { RowPool } from './row-pool.ts';

const list = Array.from({ length: 100 }, (_, at) => 1000 - at);
const shows = (pool: RowPool) => new Map(pool.rows.map(({ slot, id }) => [slot, id]));

it('gives the elements of rows that left to those that came', () => {
  const pool = new RowPool();
  pool.assign(list.slice(0, 4), 0);
  expect([...shows(pool)]).toEqual([[0, 1000], [1, 999], [2, 998], [3, 997]]); // prettier-ignore
  pool.assign(list.slice(2, 6), 2);
  expect([...shows(pool)]).toEqual([[0, 996], [1, 995], [2, 998], [3, 997]]); // prettier-ignore
  expect(pool.rows.map(({ at }) => at)).toEqual([4, 5, 2, 3]);
});

it('keeps the element of a row whose place in the list changed', () => {
  const pool = new RowPool();
  pool.assign([5, 4, 3], 0);
  pool.assign([6, 5, 4], 0);
  expect(pool.rows).toEqual([
    { slot: 0, id: 5, at: 1 },
    { slot: 1, id: 4, at: 2 },
    { slot: 2, id: 6, at: 0 },
  ]);
});

it('settles in the order of the list without giving anybody another element', () => {
  const pool = new RowPool();
  pool.assign(list.slice(0, 4), 0);
  pool.assign(list.slice(2, 6), 2);
  const before = shows(pool);
  expect(pool.settle()).toBe(true);
  expect(pool.rows.map(({ at }) => at)).toEqual([2, 3, 4, 5]);
  expect(shows(pool)).toEqual(new Map([...before].sort()));
  expect(pool.settle()).toBe(false);
});

it('keeps a pinned row where it was, and lets it go afterwards', () => {
  const pool = new RowPool();
  pool.assign(list.slice(0, 4), 0);
  const { slot } = pool.rows[1]!;
  pool.assign(list.slice(50, 54), 50, { id: 999, at: 1 });
  expect(pool.rows).toHaveLength(5);
  expect(pool.rows.find(({ id }) => id === 999)).toEqual({ slot, id: 999, at: 1 });
  pool.assign(list.slice(51, 55), 51);
  expect(pool.rows.map(({ id }) => id).sort()).toEqual(list.slice(51, 55).sort());
});

it('drops elements when the list gets shorter', () => {
  const pool = new RowPool();
  pool.assign(list.slice(0, 40), 0);
  pool.assign([7], 0);
  expect(pool.rows.map(({ id }) => id)).toEqual([7]);
  pool.assign([], 0);
  expect(pool.rows).toEqual([]);
});
