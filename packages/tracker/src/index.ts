export { artifactFile, loadArtifact, sha256Of } from './artifact-store.ts';
export { openConnection } from './connection.ts';
export { databaseFile, openForReading, openForWriting } from './database.ts';
export { readEnvironment } from './environment.ts';
export {
  ArtifactError,
  ImportRunError,
  DatasetConflictError,
  NotesChangedError,
  QueryError,
  QueryTooSlowError,
  RunFinishedError,
  RunStateError,
  RunUnknownError,
  SqlError,
  TrackerAccessError,
  TrackerFileError,
  TrackerInputError,
  TrackerOutdatedError,
  TrackerTooNewError,
  TrackerWriteError,
} from './errors.ts';
export type { Annotation } from './annotation.ts';
export { connectionCount } from './connection.ts';
export type { Completion } from './query/complete.ts';
export type { FamilyFilter, SeedFamily, Spread } from './query/families.ts';
export { QueryProcess } from './query/query-process.ts';
export type { RunPage, RunQuery, RunTableRow } from './query/run-table.ts';
export type { SqlOptions, SqlResult, SqlValue } from './query/sql.ts';
export type { ConsoleLine } from './run/console-capture.ts';
export type { SystemCapture } from './run/system-metrics.ts';
export type { CurveBucket, CurveRange, CurveView } from './store/curve-reader.ts';
export { hasLostLog } from './upkeep/lost-log.ts';
export type { Finding } from './upkeep/doctor.ts';
export type { Purge, PurgeOptions } from './upkeep/trash.ts';
export {
  homeTarget,
  importRun,
  type ImportTarget,
  type ImportedArtifact,
  type ImportedRun,
  type StoredLedger,
} from './import-run.ts';
export { judgeLedger, type JudgedLedger } from './ledger-report.ts';
export { readOnlySource } from './reader.ts';
export { sourceOf } from './source-of.ts';
export type { RecoveredRun } from './recovery.ts';
export type { RunFilter } from './run-queries.ts';
export type { RunWriter } from './run-writer.ts';
export type { SavedView } from './saved-views.ts';
export {
  JsonObject,
  RunEnvironment,
  RunStatus,
  type ArtifactRecord,
  type Capture,
  type Curve,
  type CurvePoint,
  type DatasetRecord,
  type GitState,
  type LockFile,
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
export { LeaseLostError, SweepBusyError, SweepExistsError, SweepUnknownError } from './sweeps/errors.ts';
export {
  SweepStart,
  SweepStatus,
  TrialStart,
  TrialState,
  type Claim,
  type Enqueued,
  type Sweep,
  type SweepTrial,
} from './sweeps/schema.ts';
export { openSweeps, type Sweeps } from './sweeps/sweeps.ts';
export { fileName, pathFault, PathTree } from './relative-path.ts';
