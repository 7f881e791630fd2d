export { EarlyStopping, OptimizerSpec, ReduceOnPlateau, ScheduleSpec, TrainConfig } from './config.ts';
export { checkBatchSize, sizedFor } from './batch-size.ts';
export {
  CheckpointInvalid,
  CheckpointMismatch,
  RecipeInvalid,
  RecipeUnknown,
  SettingInvalid,
  SettingUnknown,
  TrainingDiverged,
} from './errors.ts';
export { evaluate, evaluateViews } from './evaluate.ts';
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
  checkpointsFolder,
  dropCheckpoints,
  readCheckpoint,
  runsWithCheckpoints,
  writeCheckpoint,
  type Checkpoint,
} from './checkpoint-file.ts';
export { fit } from './fit.ts';
export type { FitOptions } from './training.ts';
export type { TrainingProgress, TrainingState } from './training-state.ts';
export { DEFAULT_RECIPE, readRecipe, recipeNames } from './recipe.ts';
export { rateFactor, type Progress } from './schedule.ts';
export { SETTING_PATHS, parseAssignment, parseConfig, withSetting, type RawSettings } from './settings.ts';
export type { TrialContext, TrialRunner, WorkerPort } from './sweep/attempt.ts';
export { failureOf } from './sweep/foreign-values.ts';
export { Candidates, isResultFree, trialLimit, type Candidate } from './sweep/candidates.ts';
export { composeSweep, type Composed, type TaskSource } from './sweep/compose.ts';
export { SweepDraft, mergeDrafts, parseDraft, readSweepFile, timeLimitFrom } from './sweep/draft.ts';
export {
  GridTooLarge,
  ObjectiveModuleInvalid,
  ObjectiveUnknown,
  SweepChanged,
  SweepInvalid,
  SweepWorkerError,
  TrialDiverged,
  TrialParked,
  TrialPruned,
  WorkerStale,
  type SpecChange,
} from './sweep/errors.ts';
export type { StopReason, SweepEvent } from './sweep/events.ts';
export type { StoredAnswers } from './sweep/history.ts';
export { moduleVersion, trainingCodeVersion, trialKey } from './sweep/identity.ts';
export type { FromWorker, ToWorker } from './sweep/messages.ts';
export { loadObjective, type ObjectiveContext, type ObjectiveFunction } from './sweep/objective-module.ts';
export { isEpochMetric } from './sweep/objectives.ts';
export { isGone, processName } from './sweep/process-name.ts';
export { sweep, type SweepOptions } from './sweep/scheduler.ts';
export { specChanges } from './sweep/spec-changes.ts';
export { SweepSpec, SweepTask } from './sweep/spec.ts';
export {
  toJsonRecord,
  type Queued,
  type SchedulerStore,
  type StoredTrial,
  type TrialPlan,
  type WorkerStore,
} from './sweep/store.ts';
export { threadsOf } from './sweep/threads.ts';
export { trialSettings } from './sweep/trial-config.ts';
export { startWorkerProcess, type WorkerProcess } from './sweep/worker-process.ts';
export { SweepWorker } from './sweep/worker.ts';
