import { expect, it } from 'vitest';
import { keptOrders } from '../src/server/kept-orders.ts';

const ALL = { filter: '', sort: '', trash: false };

/** Counts how often it is asked, and answers with that. */
function asked() {
  const state = { counter: 1, time: 0, reads: 0 };
  const ask = () => Promise.resolve({ ids: [++state.reads] });
  return {
    state,
    orders: keptOrders(
      () => state.counter,
      ask,
      () => state.time,
    ),
  };
}

it('keeps an order until something is written', async () => {
  const { state, orders } = asked();
  expect(await Promise.all([orders(ALL), orders(ALL)])).toEqual([{ ids: [1] }, { ids: [1] }]);
  state.counter++;
  expect(await orders(ALL)).toEqual({ ids: [2] });
});

it('keeps an order for half a second at most', async () => {
  const { state, orders } = asked();
  await orders(ALL);
  state.time = 499;
  expect(await orders(ALL)).toEqual({ ids: [1] });
  state.time = 500;
  expect(await orders(ALL)).toEqual({ ids: [2] });
});

it('keeps each filter, sort and side of the archive apart, and the last eight', async () => {
  const { orders } = asked();
  const queries = [ALL, { ...ALL, filter: 'a' }, { ...ALL, sort: 'a' }, { ...ALL, trash: true }];
  const found = await Promise.all(queries.map(orders));
  expect(found.map(({ ids }) => ids[0])).toEqual([1, 2, 3, 4]);
  for (let sort = 0; sort < 5; sort++) await orders({ ...ALL, sort: String(sort) });
  expect(await orders({ ...ALL, filter: 'a' })).toEqual({ ids: [2] });
  expect(await orders(ALL)).toEqual({ ids: [10] });
});

it('does not keep what could not be answered', async () => {
  let asked = 0;
  const orders = keptOrders(
    () => 1,
    () => Promise.reject(new Error(String(++asked))),
    () => 0,
  );
  await expect(orders(ALL)).rejects.toThrow('1');
  await expect(orders(ALL)).rejects.toThrow('2');
});
