import type { Database } from 'better-sqlite3';
import type { RunWriter } from '../run-writer.ts';
import type { TrackerWarning } from '../schema.ts';
import type { Flusher } from './flusher.ts';

/** What a writer needs of its tracker. */
export interface WriterContext {
  readonly database: Database;
  readonly home: string;
  /** Stores points beside the training thread; absent: the training thread does. */
  readonly flusher?: Flusher | undefined;
  readonly warn: (warning: TrackerWarning) => void;
  readonly onEnd: (writer: RunWriter) => void;
}
