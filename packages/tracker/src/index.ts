export { databaseFile } from './database.ts';
export { readEnvironment } from './environment.ts';
export {
  ArtifactError,
  NotesChangedError,
  QueryError,
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
export { judgeLedger, type JudgedLedger } from './ledger-report.ts';
export type { Annotation } from './annotation.ts';
export type { Completion } from './query/complete.ts';
export type { FamilyFilter, SeedFamily, Spread } from './query/families.ts';
export type { RunPage, RunQuery, RunTableRow } from './query/run-table.ts';
export type { SqlOptions, SqlResult, SqlValue } from './query/sql.ts';
export type { ConsoleLine } from './run/console-capture.ts';
export type { SystemCapture } from './run/system-metrics.ts';
export type { CurveBucket, CurveRange, CurveView } from './store/curve-reader.ts';
export type { Finding } from './upkeep/doctor.ts';
export type { Purge, PurgeOptions } from './upkeep/trash.ts';
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
export {
  GateInvalidError,
  LedgerMismatchError,
  PredicateError,
  RegistryInputError,
  RegistryUnknownError,
  SmokeCheckError,
} from './registry/errors.ts';
export {
  compareLedgers,
  compareLedgersAside,
  type ComparisonRequest,
  type RunComparison,
} from './registry/comparison.ts';
export { EvidenceThread } from './registry/evidence-thread.ts';
export { comparisonHeadline, comparisonMarkdown } from './report/comparison-markdown.ts';
export { comparisonParts, type Part as ComparisonPart } from './report/comparison-parts.ts';
export type { Decision, Look, SplitUse } from './registry/decisions.ts';
export type { Change, VersionDifference } from './registry/difference.ts';
export type { Evidence } from './registry/evidence.ts';
export { parseGate, type Gate, type GateVerdict, type PredicateVerdict } from './registry/gate.ts';
export { parseSpan, type Holding, type Span } from './registry/history.ts';
export type { Promotion, PromotionRequest, SmokeCheck } from './registry/promotion.ts';
export { openRegistry, type Registry, type RegistryOptions } from './registry/registry.ts';
export type {
  ModelVersion,
  RegisteredModel,
  RegistryEvent,
  SmokeResult,
  VersionFile,
} from './registry/schema.ts';
export { smokeCheckOf } from './registry/smoke.ts';
export type { Problem, Verification } from './registry/verification.ts';
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
