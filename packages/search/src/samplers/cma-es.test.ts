import { describe, expect, it } from 'vitest';
import { randomStream } from '@atelier/data';
import { meets } from '../space-meets.ts';
import { SearchSpace } from '../space.ts';
import type { Objective, Parameters, Trial } from '../trial.ts';
import { createSampler } from './create.ts';
import { symmetricEigen } from './eigen.ts';
import { SamplerSpec } from './sampler.ts';

const objectives: Objective[] = [{ metric: 'loss', direction: 'minimize' }];
const spec = SamplerSpec.parse({ kind: 'cma-es' });
const space = SearchSpace.parse({
  parameters: {
    x: { kind: 'float', low: -5, high: 5 },
    rate: { kind: 'float', low: 1e-6, high: 1, log: true },
    n: { kind: 'int', low: 0, high: 40 },
    kind: { kind: 'choice', values: ['a', 'b'] },
    extra: { kind: 'float', low: 0, high: 1, when: { kind: 'a' } },
  },
});
const loss = (p: Parameters): number =>
  ((p['x'] as number) - 3) ** 2 +
  (Math.log10(p['rate'] as number) + 2) ** 2 +
  (((p['n'] as number) - 30) / 8) ** 2;

function run(seed: number, trials: number, s = space): Trial[] {
  const sampler = createSampler(spec, { space: s, objectives, seed });
  const history: Trial[] = [];
  for (let number = 0; number < trials; number++) {
    const parameters = sampler.suggest(history, number)!;
    history.push({ number, state: 'COMPLETE', parameters, values: [loss(parameters)], reports: [] });
  }
  return history;
}
const best = (trials: readonly Trial[]): number => Math.min(...trials.map(({ values }) => values[0]!));

describe('cma-es', () => {
  it('closes in on the minimum of floats, log floats and ints', () => {
    const found = [1, 2, 3, 4, 5].map((seed) => best(run(seed, 250)));
    expect(found.toSorted((a, b) => a - b)[2]!).toBeLessThan(0.02);
    const late = run(1, 250).slice(200);
    for (const { parameters } of late) {
      expect(Number.isInteger(parameters['n'])).toBe(true);
      expect('extra' in parameters).toBe(parameters['kind'] === 'a');
    }
    // choices stay random
    const share = late.filter(({ parameters }) => parameters['kind'] === 'a').length / late.length;
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.75);
  });

  it('takes in trials whichever order they end in, from parallel workers', () => {
    const sampler = createSampler(spec, { space, objectives, seed: 2 });
    const stream = randomStream(2, 'order');
    let history: Trial[] = [];
    for (let number = 0; number < 300; number++) {
      history.push({
        number,
        state: 'RUNNING',
        parameters: sampler.suggest(history, number)!,
        values: [],
        reports: [],
      });
      // eight run at once; any of them ends
      const running = history.filter(({ state }) => state === 'RUNNING');
      if (running.length < 8) continue;
      const ended = running[stream.below(8)]!;
      history = history.map((trial) =>
        trial === ended ? { ...trial, state: 'COMPLETE', values: [loss(trial.parameters)] } : trial,
      );
      const fresh = createSampler(spec, { space, objectives, seed: 2 });
      if (number % 50 === 0)
        expect(fresh.suggest(history, number + 1)).toEqual(sampler.suggest(history, number + 1));
    }
    expect(best(history.filter(({ state }) => state === 'COMPLETE'))).toBeLessThan(0.1);
  });

  it('passes over failed and pruned trials', () => {
    const done = run(3, 40);
    const noisy = done.map((trial) =>
      trial.number % 5 === 4 ? { ...trial, state: 'FAILED' as const, values: [] } : trial,
    );
    const sampler = createSampler(spec, { space, objectives, seed: 3 });
    const without = noisy.filter(({ state }) => state === 'COMPLETE');
    expect(sampler.suggest(noisy, 40)).toEqual(sampler.suggest(without, 40));
  });

  it('keeps to the constraints and lives on when nothing distinguishes the points', () => {
    const tight = SearchSpace.parse({ parameters: space.parameters, constraints: ['n + x <= 20'] });
    for (const { parameters } of run(1, 120, tight)) expect(meets(tight, parameters)).toBe(true);
    const flat: Trial[] = [];
    const sampler = createSampler(spec, { space, objectives, seed: 1 });
    for (let number = 0; number < 200; number++) {
      const parameters = sampler.suggest(flat, number)!;
      flat.push({ number, state: 'COMPLETE', parameters, values: [number % 3 === 0 ? NaN : 1], reports: [] });
      expect(Number.isFinite(parameters['x'])).toBe(true);
    }
  });

  it('refuses several objectives, and is random where there are only choices', () => {
    expect(() => createSampler(spec, { space, objectives: [...objectives, ...objectives], seed: 1 })).toThrow(
      'one objective, not 2',
    );
    const choices = SearchSpace.parse({ parameters: { a: { kind: 'choice', values: [1, 2, 3] } } });
    expect([1, 2, 3]).toContain(
      createSampler(spec, { space: choices, objectives, seed: 1 }).suggest([], 5)!['a'],
    );
  });
});

describe('symmetricEigen', () => {
  it.each([1, 2, 3, 8, 20])('takes a %i x %i matrix apart and gives it back', (n) => {
    const stream = randomStream(n, 'matrix');
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
      for (let j = i; j < n; j++) matrix[i * n + j] = matrix[j * n + i] = stream.uniform() * 2 - 1;
    const { values, vectors } = symmetricEigen(matrix, n);
    const entry = (i: number, j: number, of: (k: number) => number): number =>
      values.reduce((sum, _, k) => sum + vectors[i * n + k]! * of(k) * vectors[j * n + k]!, 0);
    for (let i = 0; i < n; i++) {
      if (i > 0) expect(values[i]!).toBeGreaterThanOrEqual(values[i - 1]!);
      for (let j = 0; j < n; j++) {
        expect(entry(i, j, (k) => values[k]!)).toBeCloseTo(matrix[i * n + j]!, 12);
        expect(entry(i, j, () => 1)).toBeCloseTo(i === j ? 1 : 0, 12);
      }
    }
  });

  it('knows a matrix by hand', () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
    expect([...values]).toEqual([expect.closeTo(1, 14), expect.closeTo(3, 14)]);
    expect(Math.abs(vectors[0]!)).toBeCloseTo(Math.SQRT1_2, 14);
  });
});
