import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  argmax,
  classificationReport,
  confusionMatrix,
  formatReport,
  logLoss,
  topKAccuracy,
} from './index.ts';

/** Null of a class without samples. */
interface Scores {
  precision: number | null;
  recall: number | null;
  'f1-score': number | null;
  support: number;
}

interface Reference {
  scikitLearn: string;
  classified: {
    name: string;
    classes: number;
    labels: number[];
    predictions: number[];
    matrix: number[][];
    accuracy: number;
    perClass: Scores[];
    macro: Scores;
    weighted: Scores;
    /** Null where a class has no samples. */
    text: string | null;
  }[];
  judged: {
    name: string;
    dtype: 'float32' | 'float64';
    classes: number;
    labels: number[];
    probabilities: number[];
    argmax: number[];
    topK: Record<string, number>;
    logLoss: number;
    logLossSummedInDouble: number;
  }[];
}

const file = new URL('../test/reference/scikit-learn.json', import.meta.url);
const reference = JSON.parse(readFileSync(file, 'utf8')) as Reference;
const TOLERANCE = 1e-12;

function expectClose(ours: number, theirs: number | null): void {
  if (theirs === null) expect(ours).toBeNaN();
  else expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(TOLERANCE);
}

describe(`against scikit-learn ${reference.scikitLearn}`, () => {
  it('has documented, random and degenerate cases', () => {
    expect(reference.classified.length).toBeGreaterThanOrEqual(70);
    expect(reference.judged.length).toBeGreaterThanOrEqual(60);
  });

  it.each(reference.classified)('classification: $name', (wanted) => {
    const matrix = confusionMatrix(wanted.labels, wanted.predictions, wanted.classes);
    expect([...matrix.counts]).toEqual(wanted.matrix.flat());
    const report = classificationReport(matrix);
    expectClose(report.accuracy, wanted.accuracy);
    const ours = [...report.perClass, report.macro, report.weighted];
    [...wanted.perClass, wanted.macro, wanted.weighted].forEach((theirs, index) => {
      expectClose(ours[index]!.precision, theirs.precision);
      expectClose(ours[index]!.recall, theirs.recall);
      expectClose(ours[index]!.f1, theirs['f1-score']);
      expect(ours[index]!.support).toBe(theirs.support);
    });
    const names = wanted.perClass.map((_, index) => `class ${index}`);
    if (wanted.text === null) return;
    // where no sample is right scikit-learn 1.9 happens to write supports as floats: 3.0
    const text = wanted.accuracy === 0 ? wanted.text.replace(/(\d+)\.0$/gm, '  $1') : wanted.text;
    expect(formatReport(report, names)).toBe(text);
  });

  it.each(reference.judged)('probabilities: $name', (wanted) => {
    const { labels, classes, dtype } = wanted;
    const probabilities = new (dtype === 'float32' ? Float32Array : Float64Array)(wanted.probabilities);
    expect([...argmax(probabilities, classes)]).toEqual(wanted.argmax);
    for (const [k, accuracy] of Object.entries(wanted.topK)) {
      expectClose(topKAccuracy(labels, probabilities, classes, Number(k)), accuracy);
    }
    const loss = logLoss(labels, probabilities, classes);
    expectClose(loss, wanted.logLossSummedInDouble);
    // scikit-learn takes logarithms of 32-bit input in 32 bits: six digits are what both can agree on
    const digits = dtype === 'float32' ? 2e-6 * Math.max(1, wanted.logLoss) : TOLERANCE;
    expect(Math.abs(loss - wanted.logLoss)).toBeLessThanOrEqual(digits);
  });
});
