export { ConstraintError, SamplerError, SpaceError } from './errors.ts';
export { grid, gridSize } from './grid.ts';
export { createSampler } from './samplers/create.ts';
export { SAMPLER_KINDS, SamplerSpec, type Sampler, type SamplerTask } from './samplers/sampler.ts';
export { isActive } from './space-activity.ts';
export { checkSpace } from './space-check.ts';
export { meets } from './space-meets.ts';
export { parseParameter } from './space-text.ts';
export {
  bestTrials,
  type Configuration,
  configurations,
  type RankedTrial,
  type Spread,
} from './analysis/best.ts';
export {
  type DistributionStep,
  empiricalDistribution,
  type HistoryPoint,
  optimizationHistory,
  timeline,
  type TimelineBar,
} from './analysis/history.ts';
export {
  importance,
  type Importance,
  IMPORTANCE_METHODS,
  type ImportanceMethod,
  type ImportanceOptions,
  type ParameterImportance,
} from './analysis/importance.ts';
export { type ParetoFront, paretoFront, type ParetoPoint } from './analysis/pareto.ts';
export type { Axis } from './analysis/scale.ts';
export {
  contour,
  type Contour,
  type ContourCell,
  parallelCoordinates,
  type ParallelCoordinates,
  type Slice,
  slices,
} from './analysis/slices.ts';
export { createPruner } from './pruners/create.ts';
export type { AnswersAt, Judgement, Pruner, PrunerContext } from './pruners/pruner.ts';
export { race, type RaceLook, RaceMismatchError, type RaceResult, spentAlpha } from './pruners/race.ts';
export { PRUNER_KINDS, PrunerSpec } from './pruners/spec.ts';
export { ChoiceParameter, FloatParameter, IntParameter, ParameterSpec, SearchSpace } from './space.ts';
export {
  Objective,
  TrialState,
  type Parameters,
  type ParameterValue,
  type Report,
  type Trial,
} from './trial.ts';
