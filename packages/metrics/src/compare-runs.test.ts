import { describe, expect, it } from 'vitest';
import {
  bootstrapRuns,
  compareRuns,
  type CompareRunsInput,
  Evidence,
  LedgerMismatchError,
  logLoss,
  MetricsInputError,
  sfc32,
  stacks,
  verdict,
} from './index.ts';

const CLASSES = ['cat', 'dog', 'owl', 'yak'];

/** Ledgers of two made-up models that are right with the given probabilities. */
function ledgers(count: number, rightA: number, rightB: number, seed = 5): CompareRunsInput {
  const bits = sfc32(seed);
  const uniform = (): number => bits() / 2 ** 32;
  const labels = Uint8Array.from({ length: count }, () => Math.floor(uniform() * 4));
  const rows = (right: number): Float32Array => {
    const probabilities = new Float32Array(count * 4);
    labels.forEach((label, i) => {
      const answer = uniform() < right ? label : Math.floor(uniform() * 4);
      const sure = 0.4 + 0.6 * uniform();
      for (let c = 0; c < 4; c++) probabilities[i * 4 + c] = c === answer ? sure : (1 - sure) / 3;
    });
    return probabilities;
  };
  return { labels, classNames: CLASSES, probabilitiesA: rows(rightA), probabilitiesB: rows(rightB) };
}

describe('compareRuns', () => {
  const input = ledgers(2000, 0.85, 0.9);
  const evidence = compareRuns({ ...input, bootstraps: 400 });

  it('is what its schema says, also through JSON', () => {
    expect(Evidence.parse(JSON.parse(JSON.stringify(evidence)))).toEqual(evidence);
  });

  it('says the same again, and something else for another seed of the bootstrap only', () => {
    expect(compareRuns({ ...input, bootstraps: 400 })).toEqual(evidence);
    const other = compareRuns({ ...input, bootstraps: 400, seed: 2 });
    expect(other.bootstrap.macroF1.difference.bca).not.toEqual(evidence.bootstrap.macroF1.difference.bca);
    expect({ ...other, bootstrap: 0, classes: 0 }).toEqual({ ...evidence, bootstrap: 0, classes: 0 });
  });

  it('agrees with itself', () => {
    const { table, a, b, accuracy, classes, differenceMatrix, bootstrap } = evidence;
    expect(table.bothRight + table.onlyA).toBe(a.hits);
    expect(accuracy.estimate).toBeCloseTo(b.accuracy - a.accuracy, 12);
    expect(classes.reduce((sum, each) => sum + each.table.onlyB, 0)).toBe(table.onlyB);
    expect(differenceMatrix.reduce((sum, cell) => sum + cell, 0)).toBe(0);
    expect(bootstrap.macroF1.b.estimate).toBeCloseTo(b.macroF1, 12);
    expect(bootstrap.logLoss!.a.estimate).toBeCloseTo(
      logLoss(input.labels, input.probabilitiesA!, CLASSES.length),
      12,
    );
    expect(bootstrap.calibrationError!.a.estimate).toBeCloseTo(a.calibration!.expectedError, 12);
  });

  it('finds no difference between a run and itself', () => {
    const same = compareRuns({ ...input, probabilitiesB: input.probabilitiesA, bootstraps: 200 });
    expect(same.accuracy.midP).toBe(1);
    expect(same.bootstrap.logLoss!.difference.bca).toEqual({ low: 0, high: 0 });
    expect(verdict(same).outcome).toBe('undecided');
    expect(verdict(same).text).toContain('exactly the same samples');
  });

  it('does without probabilities', () => {
    const labels = Uint8Array.from(input.labels);
    const bare = compareRuns({
      labels,
      classNames: CLASSES,
      predictedA: labels,
      predictedB: labels.map((label) => (label + 1) % 4),
      bootstraps: 200,
    });
    expect(bare.accuracy.estimate).toBe(-1);
    expect(bare.accuracy.interval.low).toBe(-1);
    expect(bare.a.calibration).toBeNull();
    expect(bare.bootstrap.logLoss).toBeNull();
    expect(Evidence.parse(bare)).toEqual(bare);
  });

  it.each([
    [
      'another length',
      { predictedB: [0, 1] },
      LedgerMismatchError,
      'B answers 2 samples but there are 2000 labels',
    ],
    [
      'other classes',
      { classNames: ['cat', 'dog'] },
      LedgerMismatchError,
      'its ledger seems to have 4 classes',
    ],
    ['other datasets', { datasetA: 'x', datasetB: 'y' }, LedgerMismatchError, 'evaluated on x but B on y'],
    ['a percentage as level', { level: 95 }, MetricsInputError, 'did you mean 0.95'],
    ['too few bootstraps', { bootstraps: 10 }, MetricsInputError, 'from 100'],
    ['a fractional seed', { seed: 0.5 }, MetricsInputError, 'seed'],
    ['no decision', { decisions: 0 }, MetricsInputError, 'decisions must be'],
    [
      'no samples',
      { labels: [], probabilitiesA: new Float32Array(0), probabilitiesB: new Float32Array(0) },
      MetricsInputError,
      'no samples',
    ],
    [
      'labels out of range',
      { labels: new Uint8Array(2000).fill(7) },
      MetricsInputError,
      'label 7 at position 0',
    ],
  ] as const)('refuses %s', (_, change, error, message) => {
    const act = () => compareRuns({ ...input, ...change } as CompareRunsInput);
    expect(act).toThrow(error);
    expect(act).toThrow(message);
  });

  it('refuses probabilities of a diverged model', () => {
    const probabilitiesB = input.probabilitiesB!.slice();
    probabilitiesB[5] = NaN;
    expect(() => compareRuns({ ...input, probabilitiesB })).toThrow('diverged');
  });
});

describe('bootstrapRuns', () => {
  it('has the spread that theory gives for an accuracy', () => {
    const { labels, probabilitiesA, probabilitiesB } = ledgers(4000, 0.8, 0.8, 9);
    const { accuracy } = bootstrapRuns(
      { labels, classes: 4, probabilitiesA, probabilitiesB },
      { bootstraps: 4000 },
    );
    const half = 1.96 * Math.sqrt((accuracy.a.estimate * (1 - accuracy.a.estimate)) / 4000);
    expect(accuracy.a.percentile.high - accuracy.a.estimate).toBeCloseTo(half, 3);
    expect(accuracy.a.estimate - accuracy.a.percentile.low).toBeCloseTo(half, 3);
  });
});

describe('stacks', () => {
  const [labels, predictedA, predictedB] = [
    [0, 0, 1, 1, 2, 0],
    [0, 1, 1, 0, 2, 1],
    [1, 0, 1, 2, 2, 1],
  ];

  it('puts every sample on one stack', () => {
    const { fixed, broken, bothWrong, bothRight } = stacks({ labels, predictedA, predictedB });
    expect([[...fixed], [...broken], [...bothWrong], [...bothRight]]).toEqual([[1], [0], [3, 5], [2, 4]]);
  });

  it('looks into one cell', () => {
    const cell = stacks({ labels, predictedA, predictedB }, { label: 0, predicted: 1 });
    expect([[...cell.fixed], [...cell.broken], [...cell.bothWrong], [...cell.bothRight]]).toEqual([
      [1],
      [0],
      [5],
      [],
    ]);
  });
});
