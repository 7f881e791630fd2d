import { randomStream } from '@atelier/data';
import { describe, expect, it } from 'vitest';
import { SearchSpace } from '../space.ts';
import type { Objective, Parameters, Trial, TrialState } from '../trial.ts';
import { bestTrials, configurations } from './best.ts';
import { empiricalDistribution, optimizationHistory, timeline } from './history.ts';
import { importance } from './importance.ts';
import { nonDominatedRanks, paretoFront } from './pareto.ts';
import { contour, parallelCoordinates, slices } from './slices.ts';

const accuracy: Objective = { metric: 'val/accuracy', direction: 'maximize' };
const size: Objective = { metric: 'bytes', direction: 'minimize' };

function trial(
  number: number,
  values: readonly number[],
  parameters: Parameters = {},
  state: TrialState = 'COMPLETE',
) {
  return { number, state, parameters, values, reports: [] } satisfies Trial;
}

const space = SearchSpace.parse({
  parameters: {
    lr: { kind: 'float', low: 0.001, high: 0.1, log: true },
    depth: { kind: 'int', low: 1, high: 3 },
    kind: { kind: 'choice', values: ['adam', null, [1, 2]] },
  },
});

describe('paretoFront', () => {
  /** The definition, one pair at a time. */
  function ranksByDefinition(losses: readonly number[][]): number[] {
    const ranks = losses.map(() => 0);
    for (let rank = 1; ranks.includes(0); rank++) {
      const left = losses.map((_, i) => i).filter((i) => ranks[i] === 0);
      const isDominated = (i: number): boolean =>
        left.some(
          (j) =>
            losses[j]!.every((x, k) => x <= losses[i]![k]!) && losses[j]!.some((x, k) => x < losses[i]![k]!),
        );
      for (const i of left.filter((i) => !isDominated(i))) ranks[i] = rank;
    }
    return ranks;
  }

  it('ranks as the definition says, for 1 to 4 objectives with ties', () => {
    for (let round = 0; round < 60; round++) {
      const stream = randomStream(round, 'pareto');
      const objectives = 1 + (round % 4);
      const losses = Array.from({ length: 40 }, () =>
        Array.from({ length: objectives }, () => stream.below(6)),
      );
      expect(nonDominatedRanks(losses)).toEqual(ranksByDefinition(losses));
    }
  });

  it('minds directions and leaves out what did not complete', () => {
    const trials = [
      trial(0, [0.9, 500]),
      trial(1, [0.8, 100]),
      trial(2, [0.7, 200]),
      trial(3, [0.95, 900]),
      trial(4, [NaN, 1]),
      trial(5, [], {}, 'PRUNED'),
    ];
    const { front, points } = paretoFront(trials, [accuracy, size]);
    expect(front).toEqual([3, 0, 1]);
    expect(points.map(({ rank }) => rank)).toEqual([1, 1, 2, 1]);
  });
});

describe('best trials and configurations', () => {
  it('puts the best first, ties by number, and no more than asked for', () => {
    const trials = [trial(0, [0.5]), trial(1, [0.9]), trial(2, [0.9]), trial(3, [0.1])];
    expect(bestTrials(trials, [accuracy], 3).map(({ number, rank }) => [number, rank])).toEqual([
      [1, 1],
      [2, 1],
      [0, 2],
    ]);
  });

  it('takes the seeds of one point together, whatever the order of its parameters', () => {
    const trials = [
      trial(0, [0.8], { a: 1, b: 2 }),
      trial(1, [0.9], { b: 2, a: 1 }),
      trial(2, [0.86], { a: 1, b: 3 }),
    ];
    const [first, second] = configurations(trials, [accuracy]);
    expect(first).toEqual({
      parameters: { a: 1, b: 3 },
      numbers: [2],
      values: [{ mean: 0.86, deviation: null, low: null, high: null }],
    });
    expect(second!.numbers).toEqual([0, 1]);
    // two values 0.1 apart: half width is t(0.975, 1) * 0.05 = 0.63531
    expect(second!.values[0]!.mean).toBeCloseTo(0.85, 12);
    expect(second!.values[0]!.high! - second!.values[0]!.mean).toBeCloseTo(12.706204736 * 0.05, 8);
  });
});

describe('over time', () => {
  it('keeps the best so far by direction', () => {
    const trials = [trial(3, [2]), trial(0, [5]), trial(1, [7]), trial(2, [], {}, 'FAILED')];
    const { direction } = size;
    expect(optimizationHistory(trials, { metric: 'm', direction })).toEqual([
      { number: 0, value: 5, best: 5 },
      { number: 1, value: 7, best: 5 },
      { number: 3, value: 2, best: 2 },
    ]);
    expect(optimizationHistory(trials, accuracy).map(({ best }) => best)).toEqual([5, 7, 7]);
  });

  it('rises to 1 with one step per value', () => {
    expect(empiricalDistribution([trial(0, [3]), trial(1, [1]), trial(2, [3]), trial(3, [2])])).toEqual([
      { value: 1, share: 0.25 },
      { value: 2, share: 0.5 },
      { value: 3, share: 1 },
    ]);
  });

  it('lays trials that overlap in different lanes', () => {
    const at = (number: number, startedAt: number, endedAt?: number): Trial => ({
      ...trial(number, [1]),
      startedAt,
      endedAt,
    });
    const lanes = timeline([at(0, 0, 10), at(1, 5, 20), at(2, 10, 12), at(3, 13), trial(4, [1])]);
    expect(lanes.map(({ number, lane, endedAt }) => [number, lane, endedAt])).toEqual([
      [0, 0, 10],
      [1, 1, 20],
      [2, 0, 12],
      [3, 0, null],
    ]);
  });
});

describe('over the space', () => {
  const trials = [
    trial(0, [0.5], { lr: 0.001, depth: 1, kind: 'adam' }),
    trial(1, [0.7], { lr: 0.01, depth: 2, kind: null }),
    trial(2, [0.9], { lr: 0.1, kind: [1, 2] }),
  ];

  it('slices by parameter; an inactive one has no point and a choice its index', () => {
    const [lr, depth, kind] = slices(trials, space);
    expect(lr!.axis).toEqual({ path: 'lr', scale: 'log', low: 0.001, high: 0.1 });
    expect(depth!.points.map(({ number, x }) => [number, x])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(kind!.points.map(({ x }) => x)).toEqual([0, 1, 2]);
  });

  it('bins a contour: mean and count of a cell, nothing where no trial was', () => {
    const more = [...trials, trial(3, [0.6], { lr: 0.0011, depth: 1, kind: 'adam' })];
    const { cells, xEdges, yEdges } = contour(more, space, ['lr', 'depth']);
    expect(yEdges).toEqual([0.5, 1.5, 2.5, 3.5]);
    expect(xEdges).toHaveLength(5);
    expect(xEdges[2]).toBeCloseTo(0.01, 12);
    expect(cells).toEqual([
      { column: 0, row: 0, mean: 0.55, count: 2 },
      { column: 2, row: 1, mean: 0.7, count: 1 },
    ]);
    expect(() => contour(trials, space, ['lr', 'dept'])).toThrow(/no parameter 'dept'/);
  });

  it('runs every trial over all axes between 0 and 1', () => {
    const { lines, objectives } = parallelCoordinates(trials, space, [accuracy]);
    expect(objectives).toEqual([{ metric: 'val/accuracy', low: 0.5, high: 0.9 }]);
    expect(lines[1]!.places[0]).toBeCloseTo(0.5, 12);
    expect(lines[2]!.places.slice(1)).toEqual([null, 1]);
    expect(lines.map(({ values }) => values[0])).toEqual([0, expect.closeTo(0.5, 12), 1]);
  });

  it('is plain data: JSON gives it back', () => {
    const all = [
      slices(trials, space),
      contour(trials, space, ['lr', 'kind']),
      timeline(trials),
      importance(trials, space, accuracy),
    ];
    expect(JSON.parse(JSON.stringify(all))).toEqual(all);
  });
});

describe('importance says what it rests on', () => {
  it('refuses to judge a single trial', () => {
    expect(importance([trial(0, [1], { lr: 0.01 })], space, accuracy)).toMatchObject({
      parameters: [],
      note: '1 completed trials, 2 are needed',
    });
  });

  it('says so where all trials are equally good', () => {
    const trials = [0.001, 0.01, 0.1].map((lr, i) => trial(i, [0.5], { lr, depth: 1, kind: null }));
    for (const method of ['ped-anova', 'fanova'] as const) {
      expect(importance(trials, space, accuracy, { method }).note).toMatch(/all trials are equally good/);
    }
  });

  it('leaves parameters that are not always active out of fANOVA, and names them', () => {
    const trials = [0, 1, 2].map((i) =>
      trial(i, [i], { lr: 0.01 * (i + 1), kind: null, ...(i ? { depth: 1 } : {}) }),
    );
    const { leftOut, parameters } = importance(trials, space, accuracy, { method: 'fanova' });
    expect(leftOut).toEqual(['depth']);
    expect(parameters.map(({ path }) => path)).toEqual(['lr', 'kind']);
  });
});
