export { ChoiceParameter, FloatParameter, IntParameter, ParameterSpec, SearchSpace } from './space.ts';
export {
  Objective,
  TrialState,
  type Parameters,
  type ParameterValue,
  type Report,
  type Trial,
} from './trial.ts';
