import type { Database } from 'better-sqlite3';
import { fillMatrixCells } from './matrix-cells.ts';
import { fillFamilies } from './family.ts';
import { nanFromNull } from './nan.ts';
import type { PointColumns } from './blocks.ts';
import { ChunkWriter } from './curve-writer.ts';

interface OldPoint {
  seq: number;
  step: number;
  epoch: number | null;
  wall_time: number;
  value: number | null;
}

function toColumns(rows: readonly OldPoint[]): PointColumns {
  return {
    step: Float64Array.from(rows, (row) => row.step),
    seq: Float64Array.from(rows, (row) => row.seq),
    epoch: Float64Array.from(rows, (row) => nanFromNull(row.epoch)),
    wallTime: Float64Array.from(rows, (row) => row.wall_time),
    value: Float64Array.from(rows, (row) => nanFromNull(row.value)),
  };
}

/** The code step of migration 2: one row per point becomes chunks; matrix cells and families of old runs are filled in. */
export function movePointsIntoChunks(database: Database): void {
  const curves = database
    .prepare<[], { run: number; key: number }>('SELECT DISTINCT run_id AS run, key_id AS key FROM points')
    .all();
  const read = database.prepare<[number, number], OldPoint>(
    'SELECT seq, step, epoch, wall_time, value FROM points WHERE run_id = ? AND key_id = ? ORDER BY seq',
  );
  const chunks = new ChunkWriter(database);
  for (const { run, key } of curves) chunks.append(run, key, 0, toColumns(read.all(run, key)));
  fillMatrixCells(database);
  fillFamilies(database);
}
