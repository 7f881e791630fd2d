import type { ParameterSpec, SearchSpace } from '../space.ts';
import type { Objective, Trial } from '../trial.ts';
import { fanova } from './fanova.ts';
import { gridAnova } from './grid-anova.ts';
import type { Feature } from './forest.ts';
import { pedAnova, topTrials } from './ped-anova.ts';
import { axisOf, coordinate } from './scale.ts';
import { loss, type Scored, scored } from './trials.ts';

/** What users type. */
export const IMPORTANCE_METHODS = ['ped-anova', 'fanova'] as const;
export type ImportanceMethod = (typeof IMPORTANCE_METHODS)[number];

export interface ImportanceOptions {
  readonly method?: ImportanceMethod;
  /** Of the objective among the trials' values. */
  readonly index?: number;
  /** Share of trials that count as the top, for PED-ANOVA. In (0, 1). */
  readonly topShare?: number;
  readonly seed?: number;
  readonly trees?: number;
  /** fANOVA averages over the space as it is searched, or over plain numbers where a range is logarithmic (as Optuna). */
  readonly measure?: 'space' | 'plain';
}

export interface ParameterImportance {
  readonly path: string;
  /** Share of all parameters' importance; they sum to 1. */
  readonly importance: number;
  /** fANOVA: share of the variance it explains alone. PED-ANOVA: divergence, to be compared within one sweep. */
  readonly raw: number;
}

export interface Importance {
  readonly method: ImportanceMethod;
  readonly metric: string;
  /** Completed trials it rests on. */
  readonly trials: number;
  /** Most important first. */
  readonly parameters: readonly ParameterImportance[];
  /** Parameters that could not be judged: fANOVA needs those that every trial has. */
  readonly leftOut: readonly string[];
  /** What a reader must know before believing it. */
  readonly note?: string;
}

const FEWEST_TRIALS = 2;
/** With fewer top trials than this PED-ANOVA cannot tell parameters apart: one top trial gives all of them the same. */
const FEW_TOP = 5;

function shares(raw: readonly (readonly [string, number])[]): ParameterImportance[] {
  const sum = raw.reduce((total, [, value]) => total + value, 0);
  return raw
    .map(([path, value]) => ({ path, raw: value, importance: sum > 0 ? value / sum : 1 / raw.length }))
    .sort((a, b) => b.importance - a.importance || (a.path < b.path ? -1 : 1));
}

function featureOf(
  path: string,
  spec: ParameterSpec,
  done: readonly Scored[],
  measure: 'space' | 'plain',
): Feature {
  const axis = axisOf(path, spec);
  const scale = axis.scale === 'log' && measure === 'space' ? Math.log : (value: number): number => value;
  const values = Float64Array.from(done, ({ trial }) => scale(coordinate(axis, trial.parameters)!));
  // trials of a space that was once wider stay inside the range
  const low = values.reduce((a, b) => Math.min(a, b), scale(axis.low));
  const high = values.reduce((a, b) => Math.max(a, b), scale(axis.high));
  return { isChoice: axis.scale === 'choice', low, high, values };
}

const isConstant = (spec: ParameterSpec): boolean =>
  spec.kind === 'choice' ? spec.values.length < 2 : spec.low === spec.high;

function byPedAnova(done: readonly Scored[], space: SearchSpace, objective: Objective, topShare: number) {
  const losses = done.map(({ value }) => loss(value, objective));
  const isTop = topTrials(losses, topShare);
  const raw = Object.entries(space.parameters).map(
    ([path, spec]) => [path, pedAnova(path, spec, done, isTop)] as const,
  );
  const same = isTop.every(Boolean);
  return {
    raw,
    leftOut: [],
    note: same ? 'all trials are equally good: nothing can be told apart' : undefined,
  };
}

function byFanova(done: readonly Scored[], space: SearchSpace, options: ImportanceOptions) {
  const { seed = 1, trees = 64, measure = 'space' } = options;
  const entries = Object.entries(space.parameters);
  const always = entries.filter(([path, spec]) => {
    const axis = axisOf(path, spec);
    return done.every(({ trial }) => coordinate(axis, trial.parameters) !== undefined);
  });
  const varied = always.filter(([, spec]) => !isConstant(spec));
  const features = varied.map(([path, spec]) => featureOf(path, spec, done, measure));
  const target = Float64Array.from(done, ({ value }) => value);
  const grid = varied.length > 0 ? gridAnova(features, target) : undefined;
  const forest =
    varied.length > 0 && grid === undefined
      ? fanova(features, target, { trees, mostRows: 2000, seed })
      : undefined;
  const found = grid?.hasVariance ? grid.alone : forest;
  const raw = always.map(
    ([path]) => [path, found?.[varied.findIndex(([name]) => name === path)] ?? 0] as const,
  );
  const leftOut = entries.map(([path]) => path).filter((path) => !always.some(([name]) => name === path));
  return { raw, leftOut, note: found ? undefined : 'all trials are equally good: nothing can be told apart' };
}

/**
 * How much each parameter matters for an objective, over completed trials.
 *
 * PED-ANOVA asks which parameters decide whether a trial is among the best; fANOVA which explain the objective's
 * variance over the whole space. Samplers that crowd around the best points bias fANOVA more. With too few trials for
 * PED-ANOVA the answer is fANOVA's, and says so; of a full grid fANOVA is exact.
 */
export function importance(
  trials: readonly Trial[],
  space: SearchSpace,
  objective: Objective,
  options: ImportanceOptions = {},
): Importance {
  const { index = 0, topShare = 0.1 } = options;
  const done = scored(trials, index);
  const top = Math.ceil(topShare * done.length);
  const isTooFew = options.method !== 'fanova' && top < FEW_TOP;
  const method = isTooFew ? 'fanova' : (options.method ?? 'ped-anova');
  const head = { method, metric: objective.metric, trials: done.length };
  if (done.length < FEWEST_TRIALS) {
    const leftOut = Object.keys(space.parameters);
    return {
      ...head,
      parameters: [],
      leftOut,
      note: `${done.length} completed trials, ${FEWEST_TRIALS} are needed`,
    };
  }
  const judged =
    method === 'fanova' ? byFanova(done, space, options) : byPedAnova(done, space, objective, topShare);
  const few = isTooFew
    ? `only ${top} of ${done.length} trials would count as the best, too few for PED-ANOVA: this is the variance that each explains (fANOVA)`
    : undefined;
  const { raw, leftOut, note = few } = judged;
  return { ...head, parameters: shares(raw), leftOut, ...(note === undefined ? {} : { note }) };
}
