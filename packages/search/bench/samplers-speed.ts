import { cpus } from 'node:os';
import { createSampler, SamplerSpec, SearchSpace, type Trial } from '../src/index.ts';

const SPACE = SearchSpace.parse({
  parameters: {
    'optimizer.learningRate': { kind: 'float', low: 1e-5, high: 1, log: true },
    'optimizer.momentum': { kind: 'float', low: 0, high: 0.99 },
    'model.dropout': { kind: 'float', low: 0, high: 0.6 },
    'model.units': { kind: 'int', low: 16, high: 512, step: 16 },
    'model.activation': { kind: 'choice', values: ['relu', 'gelu', 'tanh'] },
  },
});
const GRID = SearchSpace.parse({
  parameters: Object.fromEntries(
    ['a', 'b', 'c', 'd', 'e'].map((path) => [path, { kind: 'int', low: 0, high: 9 }]),
  ),
});

const CASES: readonly [string, unknown, SearchSpace, number][] = [
  ['grid', { kind: 'grid' }, GRID, 1],
  ['random', { kind: 'random' }, SPACE, 1],
  ['sobol', { kind: 'sobol' }, SPACE, 1],
  ['halton', { kind: 'halton' }, SPACE, 1],
  ['tpe', { kind: 'tpe', multivariate: false }, SPACE, 1],
  ['tpe-multivariate', { kind: 'tpe', multivariate: true }, SPACE, 1],
  ['tpe, 2 objectives', { kind: 'tpe' }, SPACE, 2],
  ['cma-es', { kind: 'cma-es' }, SPACE, 1],
];

export interface SuggestionTime {
  readonly machine: string | undefined;
  readonly sampler: string;
  readonly history: number;
  /** Milliseconds of the first suggestion on that history. */
  readonly first: number;
  /** Median and highest milliseconds of later ones, each with one trial more; records the same objects as before. */
  readonly median: number;
  readonly most: number;
  /** Median with a history whose records were all made anew, as a store gives them. */
  readonly renewed: number;
}

/** Time of suggestions on a space of five parameters (two floats, a log float, a stepped int, a choice) after 100 .. 10,000 trials. */
export function suggestionTimes(short: boolean): SuggestionTime[] {
  const lengths = short ? [100, 1000] : [100, 1000, 10_000];
  return CASES.flatMap(([name, spec, space, objectives]) =>
    lengths.map((length) => suggestionTime(name, SamplerSpec.parse(spec), space, objectives, length)),
  );
}

function suggestionTime(
  sampler: string,
  spec: SamplerSpec,
  space: SearchSpace,
  objectives: number,
  length: number,
): SuggestionTime {
  const task = {
    space,
    objectives: Array.from({ length: objectives }, (_, i) => ({
      metric: `f${i}`,
      direction: 'minimize' as const,
    })),
    seed: 1,
  };
  const filler = createSampler(SamplerSpec.parse(spec.kind === 'grid' ? spec : { kind: 'random' }), task);
  const history: Trial[] = [];
  const add = (parameters: Trial['parameters']): void => {
    const number = history.length;
    const values = Array.from(
      { length: objectives },
      (_, i) => Math.sin((number + 1) * (i + 1) * 12.9898) * 43.5,
    );
    history.push({ number, state: 'COMPLETE', parameters, values, reports: [] });
  };
  for (let i = 0; i < length; i++) add(filler.suggest(history, i)!);
  const made = createSampler(spec, task);
  const timed = (of: readonly Trial[]): number => {
    const began = performance.now();
    const parameters = made.suggest(of, of.length)!;
    const spent = performance.now() - began;
    add(parameters);
    return spent;
  };
  const first = timed(history);
  const later = Array.from({ length: 40 }, () => timed(history)).sort((a, b) => a - b);
  const renewed = Array.from({ length: 15 }, () => timed(structuredClone(history))).sort((a, b) => a - b);
  const round = (ms: number): number => Number(ms.toFixed(3));
  return {
    machine: cpus()[0]?.model,
    sampler,
    history: length,
    first: round(first),
    median: round(later[20]!),
    most: round(later.at(-1)!),
    renewed: round(renewed[7]!),
  };
}
