export { EarlyStopping, OptimizerSpec, ReduceOnPlateau, ScheduleSpec, TrainConfig } from './config.ts';
export { RecipeInvalid, RecipeUnknown, SettingInvalid, SettingUnknown, TrainingDiverged } from './errors.ts';
export { evaluate } from './evaluate.ts';
export type {
  DivergedEvent,
  EpochEvent,
  EpochMetrics,
  FinishedEvent,
  StartedEvent,
  StepEvent,
  StoppedEvent,
  TrainEvent,
} from './events.ts';
export { checkBatchSize, fit, type FitOptions } from './fit.ts';
export { readRecipe, recipeNames } from './recipe.ts';
export { parseAssignment, parseConfig, SETTING_PATHS, withSetting, type RawSettings } from './settings.ts';
export { rateFactor, type Progress } from './schedule.ts';
