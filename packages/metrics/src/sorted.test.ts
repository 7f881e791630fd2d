import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sorted } from './sorted.ts';

const singles = fc.float32Array({ noNaN: true, minLength: 0, maxLength: 1500 });

test('sorts as comparing does, whatever the sign, size and number', () => {
  fc.assert(
    fc.property(singles, fc.boolean(), (values, positive) => {
      const given = positive ? values.map(Math.abs) : values;
      const expected = [...given].sort((a, b) => a - b).map((value) => value + 0);
      expect([...sorted(given)].map((value) => value + 0)).toEqual(expected);
    }),
  );
});

test('takes zeros of both signs, infinity, the smallest numbers and parts of a buffer', () => {
  const many = Float32Array.from({ length: 1200 }, (_, i) => [0, -0, Infinity, 1e-45, 1, 0.5][i % 6]!);
  const result = sorted(many.subarray(6, 1194));
  expect(result.length).toBe(1188);
  expect([...new Set(result)]).toEqual([0, Math.fround(1e-45), 0.5, 1, Infinity]);
  expect([...sorted(Float64Array.of(3, 1, 2))]).toEqual([1, 2, 3]);
});
