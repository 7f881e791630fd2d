import { argmax } from '@atelier/metrics';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { DatasetConflictError, TrackerInputError } from './errors.ts';
import { decodeHalves, encodeHalves } from './float16.ts';
import { pathFault } from './relative-path.ts';
import type { DatasetRecord, PredictionInput, Predictions } from './schema.ts';

/** It stands for files elsewhere: never a path. */
const DatasetName = z
  .string()
  .max(200)
  .refine((name) => !name.includes('/') && pathFault(name) === undefined, 'it must be a name, and no path');

const DatasetShape = z.object({
  digest: z.string().min(1).max(200),
  name: DatasetName,
  classNames: z
    .array(z.string())
    .min(1)
    .max(256)
    .refine((names) => new Set(names).size === names.length, 'two classes have the same name'),
  image: z.object({
    height: z.int().positive(),
    width: z.int().positive(),
    channels: z.int().positive(),
  }),
});

function toLittleEndian(indices: Uint32Array): Buffer {
  const bytes = Buffer.allocUnsafe(indices.length * 4);
  indices.forEach((index, at) => bytes.writeUInt32LE(index, at * 4));
  return bytes;
}

function fromLittleEndian(bytes: Buffer): Uint32Array {
  return Uint32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readUInt32LE(at * 4));
}

/** @throws TrackerInputError for a record that contradicts itself. */
export function checkDataset(dataset: DatasetRecord): void {
  const parsed = DatasetShape.safeParse(dataset);
  if (!parsed.success) throw new TrackerInputError(`dataset: ${z.prettifyError(parsed.error)}`, parsed.error);
  for (const [split, { labels, indices }] of Object.entries(dataset.splits)) {
    if (labels.length !== indices.length) {
      throw new TrackerInputError(`split ${split} has ${labels.length} labels but ${indices.length} indices`);
    }
    const beyond = labels.find((label) => label >= dataset.classNames.length);
    if (beyond !== undefined) {
      const classes = `${dataset.classNames.length} classes`;
      throw new TrackerInputError(
        `split ${split} of dataset ${dataset.name} has the label ${beyond}, but ${classes}`,
      );
    }
  }
}

/** What of a dataset is not as it is recorded already; undefined where all that both have is the same. */
function conflict(known: DatasetRecord, { classNames, image, splits }: DatasetRecord): string | undefined {
  if (JSON.stringify(known.classNames) !== JSON.stringify(classNames)) return 'class names';
  const { height, width, channels } = known.image;
  if (height !== image.height || width !== image.width || channels !== image.channels) return 'image sizes';
  for (const [split, { labels, indices }] of Object.entries(splits)) {
    const there = known.splits[split];
    if (there === undefined) continue;
    if (Buffer.compare(there.labels, labels) !== 0) return `labels of ${split}`;
    if (there.indices.length !== indices.length || there.indices.some((index, at) => index !== indices[at]))
      return `images in ${split}`;
  }
  return undefined;
}

function usersOf(database: Database, digest: string): string[] {
  return database
    .prepare<[string, string], { id: number; name: string }>(
      `SELECT id, name FROM runs WHERE dataset_digest = ?
         OR id IN (SELECT run_id FROM predictions WHERE dataset_digest = ?) ORDER BY id LIMIT 5`,
    )
    .all(digest, digest)
    .map(({ id, name }) => `run ${id} (${name})`);
}

/**
 * Stores a dataset once; new splits of one that is there are added.
 * @throws TrackerInputError for a record that contradicts itself, DatasetConflictError for a digest that is recorded with
 * other content: whoever came first must not decide how later runs are judged.
 */
export function writeDataset(database: Database, dataset: DatasetRecord): void {
  checkDataset(dataset);
  const known = readDataset(database, dataset.digest);
  const differs = known && conflict(known, dataset);
  if (differs !== undefined) {
    throw new DatasetConflictError(dataset.digest, dataset.name, differs, usersOf(database, dataset.digest));
  }
  const { height, width, channels } = dataset.image;
  database
    .prepare(
      `INSERT INTO datasets (digest, name, class_names, height, width, channels)
       VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    )
    .run(dataset.digest, dataset.name, JSON.stringify(dataset.classNames), height, width, channels);
  const insert = database.prepare(
    'INSERT INTO dataset_splits (digest, split, labels, indices) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  for (const [split, { labels, indices }] of Object.entries(dataset.splits)) {
    insert.run(dataset.digest, split, Buffer.from(labels), toLittleEndian(indices));
  }
}

interface DatasetRow {
  name: string;
  class_names: string;
  height: number;
  width: number;
  channels: number;
}

export function readDataset(database: Database, digest: string): DatasetRecord | undefined {
  const row = database.prepare<[string], DatasetRow>('SELECT * FROM datasets WHERE digest = ?').get(digest);
  if (row === undefined) return undefined;
  const splits = database
    .prepare<[string], { split: string; labels: Buffer; indices: Buffer }>(
      'SELECT split, labels, indices FROM dataset_splits WHERE digest = ?',
    )
    .all(digest);
  return {
    digest,
    name: row.name,
    classNames: z.array(z.string()).parse(JSON.parse(row.class_names)),
    image: { height: row.height, width: row.width, channels: row.channels },
    splits: Object.fromEntries(
      splits.map(({ split, labels, indices }) => [
        split,
        { labels: new Uint8Array(labels), indices: fromLittleEndian(indices) },
      ]),
    ),
  };
}

/** A ledger ready to be stored. */
export interface LedgerRow {
  readonly input: Omit<PredictionInput, 'probabilities'>;
  readonly predicted: Uint8Array;
  readonly halves: Buffer;
}

/** @throws TrackerInputError where the probabilities do not divide into rows of 1 to 256 classes. */
export function toLedgerRow({ probabilities, ...input }: PredictionInput): LedgerRow {
  const rows = probabilities.length / input.classes;
  if (!Number.isInteger(rows) || rows === 0 || input.classes < 1 || input.classes > 256) {
    throw new TrackerInputError(
      `predictions of ${input.split}: ${probabilities.length} probabilities are no rows of ${input.classes} classes`,
    );
  }
  return { input, predicted: argmax(probabilities, input.classes), halves: encodeHalves(probabilities) };
}

/** Stores one ledger; the same run, split, checkpoint and dataset again replaces it. */
export function writeLedger(database: Database, runId: number, row: LedgerRow): void {
  const { split, checkpoint, datasetDigest, classes } = row.input;
  database
    .prepare(
      `INSERT INTO predictions
         (run_id, checkpoint, split, dataset_digest, classes, count, predicted, probabilities, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (run_id, split, checkpoint, dataset_digest) DO UPDATE SET classes = excluded.classes,
         count = excluded.count, predicted = excluded.predicted, probabilities = excluded.probabilities,
         created_at = excluded.created_at`,
    )
    .run(
      runId,
      checkpoint,
      split,
      datasetDigest,
      classes,
      row.predicted.length,
      Buffer.from(row.predicted),
      row.halves,
      Date.now(),
    );
}

interface PredictionRow {
  split: string;
  checkpoint: string;
  dataset_digest: string;
  classes: number;
  count: number;
  predicted: Buffer;
  probabilities: Buffer;
}

/** Whether a stored ledger is whole: a class of its own for each sample, and as many probabilities as that takes. */
export function isWholeLedger(row: {
  readonly classes: number;
  readonly count: number;
  readonly predicted: Uint8Array;
  /** Bytes, two for each. */
  readonly probabilities: { readonly length: number };
}): boolean {
  const { classes, count, predicted, probabilities } = row;
  return (
    classes >= 1 &&
    classes <= 256 &&
    predicted.length === count &&
    probabilities.length === 2 * count * classes &&
    predicted.every((predictedClass) => predictedClass < classes)
  );
}

/** The newest ledger of a split, of any checkpoint or of the one named; undefined where there is none, or a damaged one. */
export function readPredictions(
  database: Database,
  runId: number,
  split: string,
  checkpoint: string | undefined,
): Predictions | undefined {
  const row = database
    .prepare<[number, string, string | null], PredictionRow>(
      `SELECT * FROM predictions WHERE run_id = ? AND split = ? AND checkpoint = coalesce(?, checkpoint)
       ORDER BY created_at DESC, id DESC LIMIT 1`,
    )
    .get(runId, split, checkpoint ?? null);
  if (row === undefined || !isWholeLedger(row)) return undefined;
  return {
    split: row.split,
    checkpoint: row.checkpoint,
    datasetDigest: row.dataset_digest,
    classes: row.classes,
    predicted: new Uint8Array(row.predicted),
    probabilities: decodeHalves(row.probabilities),
  };
}
