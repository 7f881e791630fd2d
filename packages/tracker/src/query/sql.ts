import { existsSync } from 'node:fs';
import { startProcess } from '@atelier/start';
import { SqlError } from '../errors.ts';
import { readableFile } from '../readable-copy.ts';

export type SqlValue = string | number | null;

export interface SqlResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
  /** There were more rows than the limit. */
  readonly more: boolean;
}

export interface SqlOptions {
  /** Milliseconds until it is given up (10,000). */
  readonly timeoutMs?: number | undefined;
  /** Rows (10,000). */
  readonly limit?: number | undefined;
}

type Answer = { error: string } | SqlResult;

const fromSent = (value: unknown): SqlValue =>
  typeof value === 'object' && value !== null && '$' in value ? Number(value.$) : (value as SqlValue);

function toResult(answer: Answer): SqlResult {
  if ('error' in answer) throw new SqlError(answer.error);
  return { ...answer, rows: answer.rows.map((row) => row.map(fromSent)) };
}

/**
 * Runs one statement that reads, in a process of its own: SQLite offers no other way to end one that takes too long.
 * `points(run, metric)` is a table of a curve's points. @throws SqlError
 */
export async function runSql(file: string, sql: string, options: SqlOptions = {}): Promise<SqlResult> {
  const { timeoutMs = 10_000, limit = 10_000 } = options;
  if (!existsSync(file)) throw new SqlError(`there is no database yet at ${file}: nothing has been recorded`);
  const child = startProcess(new URL('./sql-child.ts', import.meta.url), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let timer: NodeJS.Timeout | undefined;
  let complaint = '';
  child.stderr?.on('data', (text) => (complaint = `${complaint}${String(text)}`.slice(-500)));
  try {
    const answer = await new Promise<Answer>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code) => reject(new SqlError(`the SQL process ended with ${code}: ${complaint}`)));
      child.on('message', (message) => {
        if (message !== 'ready') return resolve(message as Answer);
        child.send({ file: readableFile(file), sql, limit });
        const late = `this took longer than ${timeoutMs / 1000} s and was ended: narrow it down, or allow more time`;
        timer = setTimeout(() => reject(new SqlError(late)), timeoutMs);
      });
    });
    return toResult(answer);
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}
