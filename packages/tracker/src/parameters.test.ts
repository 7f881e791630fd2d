import { expect, it } from 'vitest';
import { flattenParameters, fromCells, toCells } from './parameters.ts';

it('names nested settings with dots and keeps their types', () => {
  const config = {
    seed: 1,
    model: { kind: 'cnn', batchNorm: true, filters: [32, 64], extra: {} },
    stop: null,
  };
  expect(Object.fromEntries(flattenParameters(config))).toEqual({
    seed: 1,
    'model.kind': 'cnn',
    'model.batchNorm': true,
    'model.filters': '[32,64]',
    'model.extra': '{}',
    stop: null,
  });
});

it('never gives two settings one name', () => {
  const names = flattenParameters({ a: { b: 1 }, 'a.b': 2, '"a': { b: 3 } }).map(([name]) => name);
  expect(names).toEqual(['a.b', '"a.b"', '"\\"a".b']);
});

it.each([1.5, -0.001, true, false, 'text', '', null])('brings %s back as it was', (value) => {
  expect(fromCells(toCells(value))).toBe(value);
});
