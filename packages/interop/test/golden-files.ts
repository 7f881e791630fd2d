import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { openParquet } from '../src/parquet.ts';
import type { Cell, TableColumn } from '../src/tables.ts';
import { imageEvent, scalarEvent, textEvent, tfRecord, versionEvent } from '../src/tensorboard/events.ts';

/** Small files whose bytes the real programs have read: `fixtures/golden.json` says what they made of them. */

const COLUMNS = [
  { name: 'id', kind: 'int64', required: true },
  { name: 'maybe', kind: 'int64' },
  { name: 'value', kind: 'double', required: true },
  { name: 'text', kind: 'string' },
  { name: 'key', kind: 'string', required: true },
  { name: 'flag', kind: 'boolean' },
  { name: 'time', kind: 'timestamp', required: true },
] as const;

const ROWS: readonly (readonly Cell[])[] = [
  [1, null, NaN, 'a "quoted", text', 'loss', true, 0],
  [2 ** 53 - 1, -1, Infinity, null, 'loss', null, 1_700_000_000_123],
  [-(2 ** 53 - 1), 0, -Infinity, '', 'loss', false, -1],
  [4, 2 ** 31, 5e-324, '🚀 läuft\n', 'loss', true, 1],
  [5, -(2 ** 33), 0.1 + 0.2, null, 'loss', null, 2],
  [6, null, -0, 'last', 'loss', true, 3],
  [7, null, 1, 'x', 'val/accuracy', true, 4],
  [8, null, 2, 'y', 'val/accuracy', true, 4],
];

export function writeGoldenParquet(path: string): void {
  const columns: TableColumn<readonly Cell[]>[] = COLUMNS.map((column, at) => ({
    ...column,
    of: (row) => row[at]!,
  }));
  using table = openParquet(path, columns);
  table.add(ROWS);
  table.end();
}

export function writeGoldenEvents(path: string): void {
  const at = (step: number) => ({ step, wallTime: 1_700_000_000_123 + step });
  const events = [
    versionEvent(1_700_000_000_123),
    ...[0.5, NaN, Infinity, -2].map((value, step) =>
      scalarEvent(at(step * 3_000_000_000), 'train/loss', value),
    ),
    scalarEvent(at(-1), '🚀', 1),
    textEvent(at(1), 'notes', '# läuft'),
    imageEvent(at(2), 'matrix', { width: 1, height: 2, png: Uint8Array.of(1, 2, 255) }),
  ];
  writeFileSync(path, Buffer.concat(events.map(tfRecord)));
}

export function sha256OfFile(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
