import { z } from 'zod';
import { ImportRunError } from './errors.ts';
import type { ImportedArtifact, ImportedRun, StoredLedger } from './import-run.ts';
import { checkDataset, isWholeLedger } from './ledger.ts';
import { pathFault } from './relative-path.ts';
import type { CurvePoint, DatasetRecord } from './schema.ts';

/** What comes from another's file is checked here before it is stored, so that nobody behind has to ask again. */

/** The end of the year 9999 in epoch milliseconds. */
const LATEST = 253_402_300_799_999;
const LONGEST_NAME = 1000;

const Moment = z.int().min(0).max(LATEST);

const Head = z.object({
  createdAt: Moment,
  startedAt: Moment,
  endedAt: Moment,
  error: z
    .object({
      code: z.string().max(LONGEST_NAME),
      message: z.string().max(100_000),
      step: z.int().optional(),
    })
    .optional(),
});

const Artifact = z.object({
  mediaType: z
    .string()
    .max(200)
    .regex(/^[\w.+-]+\/[\w.+-]+(; ?[\w.+-]+="?[\w.+-]+"?)*$/),
  createdAt: Moment,
});

function parsed(schema: z.ZodType, value: unknown, what: string): void {
  const { error } = schema.safeParse(value);
  if (error !== undefined) throw new ImportRunError(`${what}: ${z.prettifyError(error)}`, error);
}

/** @throws ImportRunError for times that no calendar has, or an error too long to be one. */
export function checkHead(run: ImportedRun): void {
  parsed(Head, run, 'the run');
}

/** @throws ImportRunError for a step, time or epoch that is no number of its kind. Values may be any number. */
export function checkPoints(key: string, points: readonly CurvePoint[]): void {
  if (key === '' || key.length > LONGEST_NAME) {
    throw new ImportRunError(`a metric's name has ${key.length} characters: 1 to ${LONGEST_NAME} are kept`);
  }
  for (const { step, epoch, wallTime, value } of points) {
    const timed = Number.isInteger(wallTime) && wallTime >= 0 && wallTime <= LATEST;
    const placed = Number.isSafeInteger(step) && (epoch === undefined || Number.isFinite(epoch));
    if (timed && placed && typeof value === 'number') continue;
    const point = JSON.stringify({ step, epoch, wallTime, value });
    throw new ImportRunError(`the curve ${JSON.stringify(key)} has a point that is none: ${point}`);
  }
}

/** @throws ImportRunError for a name that no file may have, or no media type. */
export function checkArtifact(artifact: ImportedArtifact): void {
  const fault = pathFault(artifact.path);
  if (fault !== undefined) throw new ImportRunError(`the artifact ${JSON.stringify(artifact.path)} ${fault}`);
  parsed(Artifact, artifact, `the artifact ${JSON.stringify(artifact.path)}`);
}

/** @throws ImportRunError, TrackerInputError for labels, classes and probabilities that contradict each other. */
export function checkLedger(ledger: StoredLedger, dataset: DatasetRecord | undefined): void {
  const { split, classes, predicted, probabilities } = ledger;
  const count = predicted.length;
  const what = `the predictions of ${JSON.stringify(split)}`;
  const bytes = { length: 2 * probabilities.length };
  if (!isWholeLedger({ classes, count, predicted, probabilities: bytes })) {
    throw new ImportRunError(`${what} are cut short, or name classes that there are not`);
  }
  if (dataset === undefined) return;
  const labels = dataset.splits[split]?.labels.length ?? count;
  if (labels !== count) throw new ImportRunError(`${what} are ${count}, but the split has ${labels} samples`);
  if (dataset.classNames.length !== classes) {
    throw new ImportRunError(`${what} have ${classes} classes, the dataset ${dataset.classNames.length}`);
  }
}

/** @throws ImportRunError, TrackerInputError for a dataset that contradicts itself, or the one that is here. */
export function checkDatasetAgainst(dataset: DatasetRecord, here: DatasetRecord | undefined): void {
  checkDataset(dataset);
  if (here === undefined) return;
  const same = (split: string): boolean => {
    const [came, known] = [dataset.splits[split], here.splits[split]];
    return came === undefined || known === undefined || Buffer.compare(came.labels, known.labels) === 0;
  };
  const classes = JSON.stringify(dataset.classNames) === JSON.stringify(here.classNames);
  if (classes && Object.keys(dataset.splits).every(same)) return;
  throw new ImportRunError(`the dataset ${dataset.digest.slice(0, 12)} is here with other classes or labels`);
}
