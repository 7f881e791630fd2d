import { expect, it } from 'vitest';
import { sparklinePath } from './sparkline.tsx';

it('spans the box from the least to the greatest value', () => {
  expect(sparklinePath([0, 2, 1])).toBe('M1.5 16.5L36.0 1.5L70.5 9.0');
});

it('leaves a gap at what is not finite, and draws no line of one value', () => {
  expect(sparklinePath([0, 1, null, 1, 0])).toBe('M1.5 16.5L18.8 1.5M53.3 1.5L70.5 16.5');
  expect(sparklinePath([3, null])).toBeUndefined();
});

it('draws a constant at the foot', () => {
  expect(sparklinePath([5, 5])).toBe('M1.5 16.5L70.5 16.5');
});
