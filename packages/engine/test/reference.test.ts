import { describe, expect, it } from 'vitest';
import { crossEntropyReference, optimizerReference, type OptimizerReference } from './reference.ts';

// what the engines are held against is itself held against PyTorch 2.15 in float64
const START = [1, -2, 0.5];
const GRADIENTS = [
  [0.5, -1, 2],
  [-0.25, 3, 1],
  [1, 1, -1],
];
const RATES = [0.1, 0.1, 0.1];
const RULE = { momentum: 0.9, nesterov: true, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0.1 };

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, 8));
}

describe('the float64 references', () => {
  it.each([
    ['sgd', [0.7058, -2.6591, -0.2688]],
    ['adam', [0.8075551727, -2.005110998, 0.2671115259]],
    ['adamw', [0.7801105093, -1.947204808, 0.2551832054]],
  ] as const)('move parameters with %s as PyTorch does', (kind, expected) => {
    const rule: OptimizerReference = { kind, ...RULE };
    expectClose(optimizerReference(rule, START, GRADIENTS, RATES, true), expected);
  });

  it('give the losses of cross_entropy with label_smoothing=0.1', () => {
    const { losses } = crossEntropyReference([1, -2, 0.5, 0, 3, -1], [2, 0], 0.1);
    expectClose(losses, [1.071263569, 2.999217237]);
  });
});
