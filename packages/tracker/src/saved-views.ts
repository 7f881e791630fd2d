import type { Database } from 'better-sqlite3';
import { TrackerInputError } from './errors.ts';

/** A view of the run table that somebody gave a name. */
export interface SavedView {
  readonly name: string;
  /** The query part of the page's address, without the question mark. */
  readonly query: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

const LONGEST_NAME = 80;
const LONGEST_QUERY = 4000;

export function listViews(database: Database): SavedView[] {
  return database
    .prepare<[], SavedView>('SELECT name, query, created_at AS createdAt FROM saved_views ORDER BY name')
    .all();
}

/** Keeps a view, in place of an older one of this name. @throws TrackerInputError for a name or query that is none. */
export function saveView(database: Database, view: { readonly name: string; readonly query: string }): void {
  const name = view.name.trim();
  if (name === '' || name.length > LONGEST_NAME) {
    throw new TrackerInputError(`a view's name has 1 to ${LONGEST_NAME} characters, got ${name.length}`);
  }
  if (view.query.length > LONGEST_QUERY) {
    throw new TrackerInputError(
      `a view's query has at most ${LONGEST_QUERY} characters, got ${view.query.length}`,
    );
  }
  database
    .prepare(
      `INSERT INTO saved_views (name, query, created_at) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET query = excluded.query`,
    )
    .run(name, view.query, Date.now());
}

/** False where there is none of this name. */
export function deleteView(database: Database, name: string): boolean {
  return database.prepare('DELETE FROM saved_views WHERE name = ?').run(name).changes === 1;
}
