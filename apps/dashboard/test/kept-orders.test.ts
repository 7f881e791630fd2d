import { expect, it } from 'vitest';
import { keptOrders } from '../src/server/kept-orders.ts';

const ALL = { filter: '', sort: '', trash: false };

/** Counts how often it is asked, and answers with that. */
function asked() {
  const state = { counter: 1, time: 0, reads: 0 };
  const tracker = { changeCounter: () => state.counter, runIds: () => [++state.reads] };
  return { state, orders: keptOrders(tracker, () => state.time) };
}

it('keeps an order until something is written', () => {
  const { state, orders } = asked();
  expect([orders(ALL), orders(ALL)]).toEqual([{ ids: [1] }, { ids: [1] }]);
  state.counter++;
  expect(orders(ALL)).toEqual({ ids: [2] });
});

it('keeps an order for half a second at most', () => {
  const { state, orders } = asked();
  orders(ALL);
  state.time = 499;
  expect(orders(ALL)).toEqual({ ids: [1] });
  state.time = 500;
  expect(orders(ALL)).toEqual({ ids: [2] });
});

it('keeps each filter, sort and side of the archive apart, and the last eight', () => {
  const { orders } = asked();
  const queries = [ALL, { ...ALL, filter: 'a' }, { ...ALL, sort: 'a' }, { ...ALL, trash: true }];
  expect(queries.map((query) => orders(query).ids[0])).toEqual([1, 2, 3, 4]);
  for (let sort = 0; sort < 5; sort++) orders({ ...ALL, sort: String(sort) });
  expect(orders({ ...ALL, filter: 'a' })).toEqual({ ids: [2] });
  expect(orders(ALL)).toEqual({ ids: [10] });
});
