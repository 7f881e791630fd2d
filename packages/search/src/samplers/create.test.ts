import { describe, expect, it } from 'vitest';
import { grid } from '../grid.ts';
import { SearchSpace } from '../space.ts';
import type { Objective, Parameters, Trial } from '../trial.ts';
import { createSampler } from './create.ts';
import { SAMPLER_KINDS, SamplerSpec } from './sampler.ts';

const objectives: Objective[] = [{ metric: 'loss', direction: 'minimize' }];
const space = SearchSpace.parse({
  parameters: {
    x: { kind: 'int', low: 0, high: 20 },
    y: { kind: 'float', low: 0, high: 1, step: 0.05 },
    mode: { kind: 'choice', values: ['a', 'b'] },
    z: { kind: 'int', low: 1, high: 64, log: true, when: { mode: 'a' } },
  },
  constraints: ['x * y <= 10'],
});
const done = (number: number, parameters: Parameters, value = number): Trial => ({
  number,
  state: 'COMPLETE',
  parameters,
  values: [value],
  reports: [],
});

describe('SamplerSpec', () => {
  it('fills in the defaults and names the nearest kind', () => {
    expect(SAMPLER_KINDS).toEqual(['grid', 'random', 'sobol', 'halton', 'tpe', 'cma-es']);
    expect(SamplerSpec.parse({ kind: 'tpe' })).toMatchObject({
      startupTrials: 10,
      candidates: 24,
    });
    expect(() => SamplerSpec.parse({ kind: 'tpee' })).toThrow(
      /no sampler of kind \\"tpee\\"\. Did you mean \\"tpe\\"/,
    );
    expect(() => SamplerSpec.parse({})).toThrow('a sampler needs a \\"kind\\"');
  });
});

describe.each(SAMPLER_KINDS)('%s', (kind) => {
  const make = (seed = 7) => createSampler(SamplerSpec.parse({ kind }), { space, objectives, seed });
  const histories = (): Trial[][] => {
    const sampler = make();
    const history: Trial[] = [];
    const stages: Trial[][] = [[]];
    for (let number = 0; number < 40; number++) {
      history.push(done(number, sampler.suggest(history, number)!, Math.sin(number)));
      stages.push([...history]);
    }
    return stages;
  };

  it('is a pure function of history, number and seed', () => {
    const stages = histories();
    const used = make();
    const points = stages.map((history) => used.suggest(history, history.length));
    // backwards, with records made anew and in another order, by one sampler and by new ones
    for (const history of stages.toReversed()) {
      const copy = structuredClone(history).reverse();
      expect(used.suggest(copy, history.length)).toEqual(points[history.length]);
      expect(make().suggest(copy, history.length)).toEqual(points[history.length]);
    }
    // the trial itself in the history changes nothing
    expect(used.suggest(stages[40]!, 39)).toEqual(points[39]);
  });

  it('leaves the history alone, and depends on the seed', () => {
    const history = histories()[40]!;
    const frozen = JSON.stringify(history);
    const first = make(1).suggest(history, 40);
    expect(JSON.stringify(history)).toBe(frozen);
    const others = [2, 3, 4, 5].map((seed) => JSON.stringify(make(seed).suggest(history, 40)));
    // few values: two seeds may agree, but not most
    const different = new Set([JSON.stringify(first), ...others]).size;
    if (kind === 'grid') expect(different).toBe(1);
    else expect(different).toBeGreaterThan(2);
  });
});

describe('grid', () => {
  const small = SearchSpace.parse({
    parameters: { a: { kind: 'int', low: 0, high: 2 }, b: { kind: 'choice', values: ['x', 'y'] } },
  });
  const cells = [...grid(small)];
  const make = (s = small) => createSampler({ kind: 'grid' }, { space: s, objectives, seed: 1 });

  it('gives each cell once, then nothing', () => {
    const sampler = make();
    const history: Trial[] = [];
    for (const cell of cells) {
      const point = sampler.suggest(history, history.length)!;
      expect(point).toEqual(cell);
      history.push(done(history.length, point));
    }
    expect(sampler.suggest(history, 6)).toBeUndefined();
  });

  it('gives several numbers of one history different cells', () => {
    const sampler = make();
    const history = [done(0, cells[2]!)];
    expect([1, 2, 3, 4, 5, 6].map((number) => sampler.suggest(history, number))).toEqual([
      cells[0],
      cells[1],
      cells[3],
      cells[4],
      cells[5],
      undefined,
    ]);
  });

  it('gives a widened grid its new cells only', () => {
    const history = cells.map((cell, number) => done(number, cell));
    const wide = SearchSpace.parse({
      parameters: { a: { kind: 'int', low: -1, high: 3 }, b: { kind: 'choice', values: ['x', 'y'] } },
    });
    const sampler = make(wide);
    for (let number = 6; number < 10; number++) history.push(done(number, sampler.suggest(history, number)!));
    expect(history.slice(6).map(({ parameters }) => parameters)).toEqual([
      { a: -1, b: 'x' },
      { a: -1, b: 'y' },
      { a: 3, b: 'x' },
      { a: 3, b: 'y' },
    ]);
    expect(sampler.suggest(history, 10)).toBeUndefined();
  });

  it('refuses a space without end, and learners without an objective', () => {
    const endless = SearchSpace.parse({ parameters: { x: { kind: 'float', low: 0, high: 1 } } });
    expect(() => make(endless)).toThrow('"x" has no end of values');
    expect(() =>
      createSampler(SamplerSpec.parse({ kind: 'tpe' }), { space: endless, objectives: [], seed: 1 }),
    ).toThrow('no objective');
  });
});
