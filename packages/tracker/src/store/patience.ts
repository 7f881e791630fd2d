import type { Database } from 'better-sqlite3';

/** Acts while statements wait `patienceMs` at most for other connections to finish writing. */
export function withPatience(database: Database, patienceMs: number, act: () => void): void {
  const before = Number(database.pragma('busy_timeout', { simple: true }));
  database.pragma(`busy_timeout = ${Math.min(patienceMs, before)}`);
  try {
    act();
  } finally {
    database.pragma(`busy_timeout = ${before}`);
  }
}
