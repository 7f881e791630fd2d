import fc from 'fast-check';
import { expect, it } from 'vitest';
import { classificationReport, confusionMatrix, MetricsInputError } from './index.ts';

it('counts every sample once, by true row and predicted column', () => {
  const cases = fc.integer({ min: 1, max: 8 }).chain((classes) => {
    const pair = fc.tuple(fc.nat(classes - 1), fc.nat(classes - 1));
    return fc.tuple(fc.constant(classes), fc.array(pair, { maxLength: 100 }));
  });
  fc.assert(
    fc.property(cases, ([classes, pairs]) => {
      const { counts } = confusionMatrix(
        pairs.map(([label]) => label),
        pairs.map(([, prediction]) => prediction),
        classes,
      );
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(pairs.length);
      for (const [label, prediction] of pairs)
        expect(counts[label * classes + prediction]).toBeGreaterThan(0);
    }),
  );
});

it.each([
  ['a label beyond the classes', [3], [0], 'label 3 at position 0'],
  ['a negative prediction', [0], [-1], 'prediction -1 at position 0'],
  ['a fractional label', [0.5], [0], 'label 0.5'],
  ['different lengths', [0, 1], [0], '2 labels but 1 predictions'],
])('refuses %s', (_, labels, predictions, message) => {
  const act = () => confusionMatrix(labels, predictions, 3);
  expect(act).toThrow(MetricsInputError);
  expect(act).toThrow(message);
});

it('gives zeros for no samples at all', () => {
  const report = classificationReport(confusionMatrix([], [], 2));
  expect(report.accuracy).toBe(0);
  expect(report.macro).toEqual({ precision: 0, recall: 0, f1: 0, support: 0 });
  expect(report.weighted.f1).toBe(0);
});
