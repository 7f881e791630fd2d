export { openBundle } from './bundle-reader.ts';
export { ExportSelectionError, ExportTargetError, ImportSourceError, InterruptedError } from './errors.ts';
export {
  EXPORT_FORMATS,
  exportRuns,
  type ExportFormat,
  type ExportOptions,
  type ExportReport,
} from './export-runs.ts';
export {
  IMPORT_SOURCES,
  importRuns,
  type ImportOptions,
  type ImportReport,
  type ImportSource,
} from './import-runs.ts';
export type { InteropProgress } from './pace.ts';
