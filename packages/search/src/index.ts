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
