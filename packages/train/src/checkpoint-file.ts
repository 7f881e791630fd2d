import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CheckpointInvalid } from './errors.ts';
import { TrainingProgress, type TrainingState } from './training-state.ts';

/**
 * A checkpoint file: 8 bytes of magic; the header's length, uint32 little-endian; the header, JSON; the float32 arrays one
 * after another, little-endian, in the header's order; SHA-256 of everything before (32 bytes). Written beside, synced and
 * renamed, so that a file of this name is whole whatever kills the process.
 */
const MAGIC = 'ATELCKP1';
const DIGEST = 32;
const START = MAGIC.length + 4;

const Sizes = z.array(z.int().min(0));
const Header = z.strictObject({
  progress: TrainingProgress,
  /** The run's whole configuration, as it is recorded. */
  config: z.record(z.string(), z.unknown()),
  datasetDigest: z.string(),
  arrays: z.strictObject({ weights: Sizes, optimizer: Sizes, best: Sizes, probabilities: Sizes }),
});
type Header = z.output<typeof Header>;

/** A checkpoint with what it belongs to. */
export interface Checkpoint {
  readonly state: TrainingState;
  readonly config: Readonly<Record<string, unknown>>;
  readonly datasetDigest: string;
}

const arraysOf = ({ weights, optimizer, best, probabilities }: TrainingState) => ({
  ...{ weights, optimizer, best, probabilities: [probabilities] },
});

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

function encode({ state, config, datasetDigest }: Checkpoint): Uint8Array {
  const groups = Object.entries(arraysOf(state));
  const sizes = Object.fromEntries(
    groups.map(([name, arrays]) => [name, arrays.map(({ length }) => length)]),
  );
  const header = Buffer.from(
    JSON.stringify({ progress: state.progress, config, datasetDigest, arrays: sizes }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const body = groups.flatMap(([, arrays]) => arrays.map(bytesOf));
  const all = Buffer.concat([Buffer.from(MAGIC), length, header, ...body]);
  return Buffer.concat([all, createHash('sha256').update(all).digest()]);
}

function headerOf(path: string, bytes: Buffer): { header: Header; end: number } {
  const end = START + bytes.readUInt32LE(MAGIC.length);
  const parsed = Header.safeParse(JSON.parse(bytes.subarray(START, end).toString()));
  if (parsed.success) return { header: parsed.data, end };
  const { path: at, message } = parsed.error.issues[0]!;
  throw new CheckpointInvalid(path, `${at.join('.')}: ${message}`);
}

/** Takes arrays of these sizes from where it stands. */
function reader(bytes: Buffer, start: number): (sizes: readonly number[]) => Float32Array[] {
  let at = start;
  return (sizes) =>
    sizes.map((size) => {
      const values = new Float32Array(Uint8Array.from(bytes.subarray(at, at + 4 * size)).buffer);
      at += 4 * size;
      return values;
    });
}

function decode(path: string, bytes: Buffer): Checkpoint {
  if (bytes.subarray(0, MAGIC.length).toString() !== MAGIC)
    throw new CheckpointInvalid(path, `expected a checkpoint, which begins with ${MAGIC}`);
  const body = bytes.subarray(0, Math.max(bytes.length - DIGEST, 0));
  const whole = createHash('sha256').update(body).digest().equals(bytes.subarray(body.length));
  if (!whole || body.length < START)
    throw new CheckpointInvalid(
      path,
      `is cut short or damaged: its ${bytes.length} bytes are not those of its SHA-256`,
    );
  const { header, end } = headerOf(path, body);
  const take = reader(body, end);
  const { arrays, progress, config, datasetDigest } = header;
  const [weights, optimizer, best] = [take(arrays.weights), take(arrays.optimizer), take(arrays.best)];
  const [probabilities = new Float32Array(0)] = take(arrays.probabilities);
  return { state: { progress, weights, optimizer, best, probabilities }, config, datasetDigest };
}

/** Writes a checkpoint, whole or not at all, and onto the disk. */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const partial = join(dirname(path), `.partial-${process.pid}`);
  const file = openSync(partial, 'w', 0o600);
  try {
    const bytes = encode(checkpoint);
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(partial, path);
  syncFolder(dirname(path));
}

/** Makes a rename last. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** @throws CheckpointInvalid where it is missing, cut short, damaged, or no checkpoint */
export function readCheckpoint(path: string): Checkpoint {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new CheckpointInvalid(path, 'cannot be read', { cause });
  }
  return decode(path, bytes);
}

/** Where checkpoints lie. */
export const checkpointsFolder = (home: string): string => join(home, 'checkpoints');

/** Where a run's checkpoint lies. */
export function checkpointPath(home: string, runId: number): string {
  return join(checkpointsFolder(home), `run-${runId}`, 'last.ckpt');
}

/** Forgets a run's checkpoints. */
export function dropCheckpoints(home: string, runId: number): void {
  rmSync(dirname(checkpointPath(home, runId)), { recursive: true, force: true });
}

/** Runs that have checkpoints, by their ids. */
export function runsWithCheckpoints(home: string): number[] {
  const folder = checkpointsFolder(home);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.flatMap((name) => (/^run-\d+$/.test(name) ? [Number(name.slice('run-'.length))] : []));
}
