export { readEnvironment } from './environment.ts';
export {
  ArtifactError,
  RunFinishedError,
  RunUnknownError,
  TrackerAccessError,
  TrackerFileError,
  TrackerInputError,
  TrackerOutdatedError,
  TrackerTooNewError,
  TrackerWriteError,
} from './errors.ts';
export { openBundle } from './interop/bundle-reader.ts';
export {
  ExportSelectionError,
  ExportTargetError,
  ImportSourceError,
  InterruptedError,
} from './interop/errors.ts';
export {
  EXPORT_FORMATS,
  exportRuns,
  type ExportFormat,
  type ExportOptions,
  type ExportReport,
} from './interop/export-runs.ts';
export {
  IMPORT_SOURCES,
  importRuns,
  type ImportOptions,
  type ImportReport,
  type ImportSource,
} from './interop/import-runs.ts';
export type { InteropProgress } from './interop/pace.ts';
export type { RecoveredRun } from './recovery.ts';
export type { RunFilter } from './run-queries.ts';
export type { RunWriter } from './run-writer.ts';
export {
  JsonObject,
  RunEnvironment,
  RunStatus,
  type ArtifactRecord,
  type Curve,
  type CurvePoint,
  type DatasetRecord,
  type GitState,
  type Machine,
  type ParameterValue,
  type PredictionInput,
  type Predictions,
  type Run,
  type RunError,
  type RunStart,
  type RunSummary,
  type TrackerWarning,
} from './schema.ts';
export { openTracker, type Tracker, type TrackerOptions } from './tracker.ts';
