import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { NotesChangedError, RunUnknownError, TrackerInputError } from './errors.ts';

/** What may change of a run at any time. `notes: null` removes them. */
export interface Annotation {
  readonly add?: readonly string[] | undefined;
  readonly remove?: readonly string[] | undefined;
  readonly notes?: string | null | undefined;
  /** The notes that this change was made from: where they are others by now, nothing changes. Absent: whatever they are. */
  readonly notesWere?: string | null | undefined;
}

/** Characters: a tag is a label, not a file. */
export const LONGEST_TAG = 1000;

/** @throws TrackerInputError for a tag that is empty or too long. */
export function checkedTag(tag: string): string {
  const text = tag.trim();
  if (text === '') throw new TrackerInputError('a tag is empty: it must have at least one character');
  if (text.length <= LONGEST_TAG) return text;
  const advice = 'put long texts into notes, or log them as an artifact';
  throw new TrackerInputError(
    `the tag "${text.slice(0, 40)}…" has ${text.length} characters, at most ${LONGEST_TAG} are kept: ${advice}`,
  );
}

/** Adds and removes tags, sets notes. @throws NotesChangedError, then nothing has changed. */
export function annotateRun(database: Database, id: number, change: Annotation): void {
  const add = (change.add ?? []).map(checkedTag);
  const remove = new Set(change.remove?.map((tag) => tag.trim()));
  const write = database.transaction(() => {
    const stored = database.prepare('SELECT tags FROM runs WHERE id = ?').pluck().get(id) as
      string | undefined;
    if (stored === undefined) throw new RunUnknownError(id);
    const tags = z.array(z.string()).catch([]).parse(JSON.parse(stored));
    const kept = [...new Set([...tags, ...add])].filter((tag) => !remove.has(tag));
    database.prepare('UPDATE runs SET tags = ? WHERE id = ?').run(JSON.stringify(kept), id);
    if (change.notes !== undefined) {
      const notes = database.prepare('SELECT notes FROM runs WHERE id = ?').pluck().get(id) as string | null;
      if (change.notesWere !== undefined && (notes ?? '') !== (change.notesWere ?? '')) {
        throw new NotesChangedError(id, notes);
      }
      database.prepare('UPDATE runs SET notes = ? WHERE id = ?').run(change.notes, id);
    }
  });
  write.immediate();
}
