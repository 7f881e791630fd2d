import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  classificationReport,
  compareRuns,
  confusionMatrix,
  formatReport,
  MetricsInputError,
} from './index.ts';

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

describe('a class without samples', () => {
  // class 1 has none; it was called once
  const [labels, predicted] = [
    [0, 0, 2, 2],
    [0, 1, 2, 2],
  ];
  const report = classificationReport(confusionMatrix(labels, predicted, 4));

  it('has no recall and no F1, and a precision only where something was called so', () => {
    expect(report.perClass[1]).toEqual({ precision: 0, recall: NaN, f1: NaN, support: 0 });
    expect(report.perClass[3]).toEqual({ precision: NaN, recall: NaN, f1: NaN, support: 0 });
  });

  it('counts in no average, of the bootstrap neither', () => {
    expect(report.macro).toMatchObject({ precision: 1, recall: 0.75 });
    const classNames = ['a', 'b', 'c', 'd'];
    const { bootstrap, b, classes } = compareRuns({
      labels,
      predictedA: labels,
      predictedB: predicted,
      classNames,
      bootstraps: 100,
    });
    expect(bootstrap.macroF1.b.estimate).toBe(b.macroF1);
    expect(b.macroF1).toBe(report.macro.f1);
    expect(classes[1]).toMatchObject({ recallA: null, recallB: null, recall: null, f1: null, p: 1 });
    expect(classes[1]!.precision).toBeNull();
    expect(classes[0]!.recall).toMatchObject({ difference: -0.5 });
  });

  it('has dashes in the report', () => {
    const lines = formatReport(report, ['a', 'b', 'c', 'd']).split('\n');
    expect(lines[3]!.trim().split(/\s+/)).toEqual(['b', '0.0000', '-', '-', '0']);
    expect(lines[5]!.trim().split(/\s+/)).toEqual(['d', '-', '-', '-', '0']);
  });
});

it('gives zeros for no samples at all', () => {
  const report = classificationReport(confusionMatrix([], [], 2));
  expect(report.accuracy).toBe(0);
  expect(report.macro).toEqual({ precision: 0, recall: 0, f1: 0, support: 0 });
  expect(report.weighted.f1).toBe(0);
});
