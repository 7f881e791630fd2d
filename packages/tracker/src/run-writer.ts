import type { DatasetRecord, PredictionInput, RunError } from './schema.ts';

/**
 * Records one run. Nothing here but `startRun`, `finish`, `fail` and `kill` waits for the disk to agree: what cannot
 * be stored is a warning, is kept and is tried again. Leaving the scope of a `using` fails an unfinished run.
 */
export interface RunWriter extends Disposable {
  readonly id: number;
  readonly name: string;
  /** Appends to memory (about a microsecond); stored within a tenth of a second, of a stream within a second. NaN and infinities are kept as such. */
  log(metrics: Readonly<Record<string, number>>, at: { step: number; epoch?: number | undefined }): void;
  /** `path` is the name within the run; the same path again replaces it. */
  logArtifact(path: string, bytes: Uint8Array, mediaType: string): void;
  /**
   * Stores the dataset's record once however many runs log it, and makes it the run's where it has none.
   * @throws DatasetConflictError for a digest that is recorded already with other labels, images or classes.
   */
  logDataset(dataset: DatasetRecord): void;
  logPredictions(predictions: PredictionInput): void;
  /** Numbers that describe the run as a whole, such as `test/accuracy`; they win over curves of the same name. */
  setSummary(values: Readonly<Record<string, number>>): void;
  /** Stores everything that waits, now. False (and a warning) where that failed. */
  flush(): boolean;
  /** These end the run. They throw TrackerWriteError where that cannot be stored, and may then be called again. */
  finish(): void;
  fail(error: RunError): void;
  kill(reason: string): void;
  prune(reason: string): void;
}
