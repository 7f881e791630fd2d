import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { RunStatus, type RunError } from '../schema.ts';
import { ROW, type PointBatch } from './points.ts';

/** What of a run could not be stored in the database, in the order it came. */
export type SpillRecord =
  | { readonly kind: 'points'; readonly batch: PointBatch; readonly names: readonly string[] }
  | { readonly kind: 'summary'; readonly values: readonly (readonly [name: string, value: number])[] }
  | {
      readonly kind: 'end';
      readonly status: RunStatus;
      readonly error: RunError | undefined;
      readonly endedAt: number;
    };

const MAGIC = 0x50535441; // "ATSP"
const HEAD = 12;

export function spillFolder(home: string): string {
  return join(home, 'spill');
}

/** `<home>/spill/<run>.spill` */
export function spillFile(home: string, runId: number): string {
  return join(spillFolder(home), `${runId}.spill`);
}

/** Ids of the runs that have spilled. */
export function spilledRuns(home: string): number[] {
  const folder = spillFolder(home);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const id = /^(\d+)\.spill$/.exec(name)?.[1];
    return id === undefined ? [] : [Number(id)];
  });
}

const NUMBERS = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? { $: String(value) } : value;

const fromNumbers = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && '$' in value ? Number(value.$) : value;

function toPayload(record: SpillRecord): Buffer {
  const text = (header: unknown): Buffer => Buffer.from(`${JSON.stringify(header, NUMBERS)}\n`);
  if (record.kind !== 'points') return text(record);
  const { rows, ...head } = record.batch;
  const points = Buffer.from(rows.buffer, rows.byteOffset, head.length * ROW * 8);
  return Buffer.concat([text({ kind: 'points', names: record.names, ...head }), points]);
}

const Numbers = z.number().or(z.nan());
const SpillHeader = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('points'),
    names: z.array(z.string()),
    runId: z.int(),
    firstSeq: z.int().min(1),
    length: z.int().min(0),
  }),
  z.strictObject({
    kind: z.literal('summary'),
    values: z.array(z.tuple([z.string(), Numbers.or(z.literal([Infinity, -Infinity]))])),
  }),
  z.strictObject({
    kind: z.literal('end'),
    status: RunStatus,
    error: z.strictObject({ code: z.string(), message: z.string(), step: z.int().optional() }).optional(),
    endedAt: z.int(),
  }),
]);

/** The rows of a batch whose keys all have a name. @throws RangeError where there are others, or too few bytes. */
function rowsOf(bytes: Uint8Array, length: number, names: number): Float64Array {
  if (bytes.length !== length * ROW * 8) throw new RangeError('a batch of points is cut short');
  const rows = new Float64Array(Uint8Array.from(bytes).buffer);
  for (let at = 0; at < rows.length; at += ROW) {
    const key = rows[at]!;
    if (!(Number.isInteger(key) && key >= 0 && key < names)) throw new RangeError('a point has no name');
  }
  return rows;
}

/** Undefined where the bytes are no record, whatever their checksum says. */
export function fromPayload(payload: Buffer): SpillRecord | undefined {
  try {
    const split = payload.indexOf(10);
    const header = SpillHeader.parse(JSON.parse(payload.toString('utf8', 0, split), fromNumbers));
    if (header.kind === 'end') return { ...header, error: header.error };
    if (header.kind !== 'points') return header;
    const { names, kind, ...batch } = header;
    const rows = rowsOf(payload.subarray(split + 1), batch.length, names.length);
    return { kind, batch: { ...batch, rows }, names };
  } catch {
    return undefined;
  }
}

/** Appends records, each with its length and checksum: a process that dies while writing spoils only the last one. */
export function appendSpill(home: string, runId: number, records: readonly SpillRecord[]): void {
  mkdirSync(spillFolder(home), { recursive: true, mode: 0o700 });
  const descriptor = openSync(spillFile(home, runId), 'a');
  const before = fstatSync(descriptor).size;
  try {
    for (const record of records) {
      const payload = toPayload(record);
      const frame = Buffer.alloc(HEAD + payload.length);
      frame.writeUInt32LE(MAGIC, 0);
      frame.writeUInt32LE(payload.length, 4);
      frame.writeUInt32LE(crc32(payload), 8);
      frame.set(payload, HEAD);
      for (let done = 0; done < frame.length;) done += writeSync(descriptor, frame, done);
    }
    fsyncSync(descriptor);
  } catch (error) {
    // half a record would hide what is appended after it
    ftruncateSync(descriptor, before);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** The whole records of a run's spill file; `damaged`: something unreadable follows them. */
export function readSpill(home: string, runId: number): { records: SpillRecord[]; damaged: boolean } {
  const file = spillFile(home, runId);
  if (!existsSync(file)) return { records: [], damaged: false };
  const bytes = readFileSync(file);
  const records: SpillRecord[] = [];
  let at = 0;
  while (at + HEAD <= bytes.length) {
    const length = bytes.readUInt32LE(at + 4);
    const payload = bytes.subarray(at + HEAD, at + HEAD + length);
    if (bytes.readUInt32LE(at) !== MAGIC || payload.length < length) break;
    if (crc32(payload) !== bytes.readUInt32LE(at + 8)) break;
    const record = fromPayload(payload);
    if (record === undefined) break;
    records.push(record);
    at += HEAD + length;
  }
  return { records, damaged: at < bytes.length };
}

export function removeSpill(home: string, runId: number): void {
  rmSync(spillFile(home, runId), { force: true });
}
