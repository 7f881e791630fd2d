export { ConstraintError, SamplerError, SpaceError } from './errors.ts';
export { grid, gridSize } from './grid.ts';
export { createSampler } from './samplers/create.ts';
export { SAMPLER_KINDS, SamplerSpec, type Sampler, type SamplerTask } from './samplers/sampler.ts';
export { isActive } from './space-activity.ts';
export { canonicalPoint } from './space-canonical.ts';
export { checkSpace } from './space-check.ts';
export { meets } from './space-meets.ts';
export { parseParameter } from './space-text.ts';
export { ChoiceParameter, FloatParameter, IntParameter, ParameterSpec, SearchSpace } from './space.ts';
export {
  Objective,
  TrialState,
  type Parameters,
  type ParameterValue,
  type Report,
  type Trial,
} from './trial.ts';
