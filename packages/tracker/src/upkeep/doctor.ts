import type { Database } from 'better-sqlite3';
import { existsSync, statSync } from 'node:fs';
import { checkDataset, isWholeLedger, readDataset } from '../ledger.ts';
import { deadRuns } from '../liveness.ts';
import { decodePoints, decodeSpans, readable } from '../store/blocks.ts';
import { entrySpan } from '../store/curve-writer.ts';
import { spillFile, spilledRuns } from '../store/spill-file.ts';
import { cellFaults, settingFaults, triggerFaults } from './integrity.ts';
import { missingFiles, unreferencedFiles } from './trash.ts';

/** One thing that was looked at. `advice`: what to do about it. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'note' | 'bad';
  readonly found: string;
  readonly advice?: string;
}

const LARGE_LOG = 64 * 1024 * 1024;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function integrity(database: Database): Finding {
  const rows = database.prepare('PRAGMA integrity_check(20)').pluck().all() as string[];
  const check = 'integrity_check';
  if (rows.length === 1 && rows[0] === 'ok') return { check, state: 'ok', found: 'the file is sound' };
  const advice = 'copy the file away, then `sqlite3 atelier.db .recover | sqlite3 recovered.db`';
  return { check, state: 'bad', found: rows.join('; '), advice };
}

function references(database: Database): Finding {
  const rows = database.pragma('foreign_key_check') as { table: string }[];
  const check = 'dangling rows';
  if (rows.length === 0) return { check, state: 'ok', found: 'none' };
  const tables = [...new Set(rows.map((row) => row.table))].join(', ');
  const advice = 'something other than Atelier changed the file; restore a copy, or delete these rows';
  return { check, state: 'bad', found: `${rows.length} in ${tables}`, advice };
}

/** Findings name so many of a kind. */
const MOST_NAMED = 20;

const shortened = (found: readonly string[]): string =>
  found.length <= MOST_NAMED
    ? found.join('; ')
    : `${found.slice(0, MOST_NAMED).join('; ')}; and ${found.length - MOST_NAMED} more`;

interface BlockRow {
  runId: number;
  name: string;
  level: number;
  number: number;
  count: number;
  data: Buffer;
}

function isWholeBlock({ level, count, data }: BlockRow): boolean {
  const rows = readable(() => (level === 0 ? decodePoints(data).step : decodeSpans(data).last).length);
  return rows !== undefined && rows * entrySpan(level) === count;
}

/** Curves whose rows are not what the latest-value table says of them, or cannot be read. */
function curves(database: Database): Finding {
  const counted = database
    .prepare<[], { runId: number; name: string }>(
      `SELECT m.run_id AS runId, k.name FROM latest_metrics m JOIN metric_keys k ON k.id = m.key_id
       WHERE m.count <> (SELECT coalesce(sum(c.count), 0) FROM curve_chunks c
         WHERE c.run_id = m.run_id AND c.key_id = m.key_id AND c.level = 0) LIMIT 20`,
    )
    .all();
  const broken = counted.map(({ runId, name }) => `${name} of run ${runId}: points are missing`);
  const rows = database
    .prepare<[], BlockRow>(
      `SELECT c.run_id AS runId, coalesce(k.name, '?') AS name, level, number, count, data FROM curve_chunks c
       LEFT JOIN metric_keys k ON k.id = c.key_id`,
    )
    .iterate();
  for (const row of rows) {
    const { runId, name, level, number, count } = row;
    if (isWholeBlock(row)) continue;
    const what = level === 0 ? 'points' : `summary of level ${level} of points`;
    broken.push(`${name} of run ${runId}: the ${what} ${number + 1} to ${number + count} cannot be read`);
  }
  const check = 'curves';
  if (broken.length === 0)
    return { check, state: 'ok', found: 'every block can be read, every point is there' };
  const advice = 'restore a copy of the database; exports take what can be read';
  return { check, state: 'bad', found: shortened(broken), advice };
}

/** Ledgers that are cut short or name classes that there are not, and datasets with such labels. */
function ledgers(database: Database): Finding {
  const rows = database
    .prepare<[], LedgerRow>(
      `SELECT run_id AS runId, split, checkpoint, classes, count, predicted, probabilities FROM predictions`,
    )
    .iterate();
  const broken: string[] = [];
  for (const row of rows) {
    if (!isWholeLedger(row)) broken.push(`${row.split}/${row.checkpoint} of run ${row.runId} is not whole`);
  }
  for (const digest of database
    .prepare<[], string>('SELECT digest FROM datasets')
    .pluck()
    .all() as string[]) {
    try {
      checkDataset(readDataset(database, digest)!);
    } catch (error) {
      broken.push(`dataset ${digest.slice(0, 12)}: ${(error as Error).message}`);
    }
  }
  const check = 'predictions';
  if (broken.length === 0) return { check, state: 'ok', found: 'every ledger and dataset is whole' };
  return { check, state: 'bad', found: shortened(broken), advice: 'restore a copy of the database' };
}

interface LedgerRow {
  runId: number;
  split: string;
  checkpoint: string;
  classes: number;
  count: number;
  predicted: Buffer;
  probabilities: Buffer;
}

/** What was changed by hand though nothing may change it. */
function alterations(database: Database): Finding[] {
  const checks = [
    ['guards of ended runs', triggerFaults(database)],
    ['confusion matrices', cellFaults(database)],
    ['settings', settingFaults(database)],
  ] as const;
  return checks.map(([check, faults]): Finding => {
    if (faults.length === 0) return { check, state: 'ok', found: 'as they were made' };
    const more = faults.length > 5 ? `; ${faults.length - 5} more` : '';
    const advice = 'something other than Atelier changed the file; restore a copy';
    return { check, state: 'bad', found: faults.slice(0, 5).join('; ') + more, advice };
  });
}

function writeAheadLog(database: Database): Finding {
  const file = `${database.name}-wal`;
  const size = existsSync(file) ? statSync(file).size : 0;
  const check = 'write-ahead log';
  if (size < LARGE_LOG) return { check, state: 'ok', found: megabytes(size) };
  const advice = 'a reader keeps it open for long; end it, then `tracker gc` folds it into the file';
  return { check, state: 'note', found: megabytes(size), advice };
}

function artifacts(database: Database, home: string): Finding[] {
  const missing = missingFiles(database, home);
  const extra = unreferencedFiles(database, home);
  const names = missing.slice(0, 5).map(({ runId, path }) => `${path} of run ${runId}`);
  const size = extra.reduce((sum, file) => sum + file.size, 0);
  return [
    missing.length === 0
      ? { check: 'artifact files', state: 'ok', found: 'all there' }
      : {
          check: 'artifact files',
          state: 'bad',
          found: `${missing.length} missing: ${names.join(', ')}`,
          advice: 'copy them back into artifacts/, or remove these runs',
        },
    extra.length === 0
      ? { check: 'files of no run', state: 'ok', found: 'none' }
      : {
          check: 'files of no run',
          state: 'note',
          found: `${extra.length}, ${megabytes(size)}`,
          advice: '`tracker gc` removes them',
        },
  ];
}

function leftovers(database: Database, home: string): Finding[] {
  const dead = [...deadRuns(database).values()];
  const spilled = spilledRuns(home);
  const trash = Number(
    database.prepare('SELECT count(*) FROM runs WHERE deleted_at IS NOT NULL').pluck().get(),
  );
  const findings: Finding[] = [];
  findings.push(
    dead.length === 0
      ? { check: 'dead runs', state: 'ok', found: 'none' }
      : {
          check: 'dead runs',
          state: 'note',
          found: dead.map(({ name, reason }) => `${name}: ${reason}`).join('; '),
          advice: 'the next `tracker ls` marks them FAILED',
        },
    spilled.length === 0
      ? { check: 'spilled records', state: 'ok', found: 'none' }
      : {
          check: 'spilled records',
          state: 'note',
          found: spilled.map((id) => spillFile(home, id)).join(', '),
          advice: 'they are stored when the tracker is next opened for writing; make room for them',
        },
  );
  if (trash > 0) {
    const advice = '`tracker gc` removes them for good, `tracker restore` brings them back';
    findings.push({ check: 'trash', state: 'note', found: `${trash} runs`, advice });
  }
  return findings;
}

/** Looks everything over and changes nothing. Reads the whole file. */
export function examine(database: Database, home: string): Finding[] {
  return [
    integrity(database),
    references(database),
    curves(database),
    ...alterations(database),
    ledgers(database),
    writeAheadLog(database),
    ...artifacts(database, home),
    ...leftovers(database, home),
  ];
}
