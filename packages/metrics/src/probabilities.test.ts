import { expect, it } from 'vitest';
import {
  argmax,
  EvaluationSummary,
  logLoss,
  MetricsInputError,
  summarizeEvaluation,
  topKAccuracy,
} from './index.ts';

it('gives ties to the lowest class and NaN the victory, as numpy does', () => {
  expect([...argmax(Float32Array.of(0.4, 0.4, 0.2, 0.1, NaN, 0.9), 3)]).toEqual([0, 1]);
});

it('prefers the highest class in top-k ties, as scikit-learn does', () => {
  const tied = Float64Array.of(0.25, 0.25, 0.25, 0.25);
  expect([0, 1, 2, 3].map((label) => topKAccuracy([label], tied, 4, 2))).toEqual([0, 0, 1, 1]);
});

it.each([
  ['NaN', Float32Array.of(NaN, 1), 'the model has diverged'],
  ['a probability above 1', Float32Array.of(1.5, 0), 'outside [0, 1]'],
  ['too few probabilities', Float32Array.of(1), 'do not divide into rows of 2'],
  ['no samples', new Float32Array(0), '1 labels but 0 rows'],
])('refuses %s', (_, probabilities, message) => {
  for (const judge of [() => logLoss([0], probabilities, 2), () => topKAccuracy([0], probabilities, 2, 1)]) {
    expect(judge).toThrow(MetricsInputError);
    expect(judge).toThrow(message);
  }
});

it('refuses an empty evaluation', () => {
  expect(() => logLoss([], new Float32Array(0), 2)).toThrow('no samples');
});

it('sums up an evaluation in the shape that is stored', () => {
  const summary = summarizeEvaluation([0, 1], Float32Array.of(0.7, 0.1, 0.1, 0.1, 0.6, 0.2, 0.1, 0.1), 4);
  expect(EvaluationSummary.parse(summary)).toEqual(summary);
  expect(summary.accuracy).toBe(0.5);
  expect(summary.top3Accuracy).toBe(1);
  expect(summary.loss).toBeCloseTo(-(Math.log(0.7) + Math.log(0.2)) / 2, 6);
  expect(summarizeEvaluation([0], Float32Array.of(1, 0), 2).top3Accuracy).toBeUndefined();
});
