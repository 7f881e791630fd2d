import type { Database } from 'better-sqlite3';
import { openConnection } from '../connection.ts';
import { migrate } from '../migrate.ts';
import { JsonObject } from '../schema.ts';
import { familyOf } from '../store/family.ts';
import { countCells } from '../store/matrix-cells.ts';

function triggersOf(database: Database): Map<string, string> {
  const rows = database
    .prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    .all();
  return new Map(rows.map(({ name, sql }) => [name, sql]));
}

/** Triggers that keep ended runs and the registry as they are, and are not there or not as Atelier makes them. */
export function triggerFaults(database: Database): string[] {
  const fresh = openConnection(':memory:');
  try {
    migrate(fresh);
    const here = triggersOf(database);
    const made = triggersOf(fresh);
    return [
      ...[...made].flatMap(([name, sql]) =>
        here.get(name) === sql ? [] : [`${name} ${here.has(name) ? 'was changed' : 'is gone'}`],
      ),
      ...[...here.keys()].filter((name) => !made.has(name)).map((name) => `${name} is none of Atelier's`),
    ];
  } finally {
    fresh.close();
  }
}

/** Ledgers whose cells, which filters ask for, are not those that the ledger and the labels give. */
export function cellFaults(database: Database): string[] {
  const cellsOf = database.prepare<[number], { cell: number; count: number }>(
    'SELECT truth * 256 + predicted AS cell, count FROM matrix_cells WHERE prediction_id = ?',
  );
  const ledgers = database
    .prepare<[], { id: number; runId: number; split: string; predicted: Buffer; labels: Buffer }>(
      `SELECT p.id, p.run_id AS runId, p.split, p.predicted, s.labels FROM predictions p
       JOIN dataset_splits s ON s.digest = p.dataset_digest AND s.split = p.split`,
    )
    .all();
  return ledgers.flatMap(({ id, runId, split, predicted, labels }) => {
    const stored = cellsOf.all(id);
    if (stored.length === 0) return [];
    const counted = countCells(labels, predicted);
    const same =
      stored.length === counted.size && stored.every(({ cell, count }) => counted.get(cell) === count);
    return same ? [] : [`the ${split} matrix of run ${runId} is not that of its predictions`];
  });
}

/** Runs whose settings are not those that they were started with: their family is a digest of them. */
export function settingFaults(database: Database): string[] {
  const rows = database
    .prepare<[], { id: number; project: string; config: string; family: string }>(
      'SELECT id, project, config, family FROM runs WHERE family IS NOT NULL',
    )
    .all();
  return rows.flatMap(({ id, project, config, family }) => {
    const parsed = JsonObject.safeParse(JSON.parse(config));
    return parsed.success && familyOf(project, parsed.data) === family ? [] : [`settings of run ${id}`];
  });
}
