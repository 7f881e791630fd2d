export { EarlyStopping, OptimizerSpec, ReduceOnPlateau, ScheduleSpec, TrainConfig } from './config.ts';
export { RecipeInvalid, RecipeUnknown, SettingInvalid, SettingUnknown, TrainingDiverged } from './errors.ts';
export { evaluate } from './evaluate.ts';
export type {
  DivergedEvent,
  EpochEvent,
  EpochMetrics,
  FinishedEvent,
  StartedEvent,
  CheckpointEvent,
  StepEvent,
  StoppedEvent,
  TrainEvent,
} from './events.ts';
export {
  checkpointPath,
  dropCheckpoints,
  readCheckpoint,
  writeCheckpoint,
  type Checkpoint,
} from './checkpoint-file.ts';
export { fit } from './fit.ts';
export type { FitOptions } from './training.ts';
export type { TrainingProgress, TrainingState } from './training-state.ts';
export { readRecipe, recipeNames } from './recipe.ts';
export { parseAssignment, parseConfig, SETTING_PATHS, withSetting, type RawSettings } from './settings.ts';
export { rateFactor, type Progress } from './schedule.ts';
export { composeSweep, type Composed, type TaskSource } from './sweep/compose.ts';
export { parseDraft, readSweepFile, SweepDraft } from './sweep/draft.ts';
export {
  GridTooLarge,
  ObjectiveModuleInvalid,
  ObjectiveUnknown,
  SweepChanged,
  SweepInvalid,
  SweepWorkerError,
  TrialParked,
  TrialPruned,
} from './sweep/errors.ts';
export type { StopReason, SweepEvent } from './sweep/events.ts';
export type { ObjectiveContext, ObjectiveFunction } from './sweep/objective-module.ts';
export { sweep, type SweepOptions } from './sweep/scheduler.ts';
export { SweepSpec, SweepTask } from './sweep/spec.ts';
export type { Queued, SchedulerStore, StoredTrial, TrialPlan, WorkerStore } from './sweep/store.ts';
export type { WorkerProcess } from './sweep/worker-process.ts';
export { SweepWorker } from './sweep/worker.ts';
