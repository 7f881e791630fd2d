import { createHash } from 'node:crypto';
import type { Tracker } from '@atelier/tracker';
import { LedgerMismatchError } from './errors.ts';
import type { SeedRun } from './seeds.ts';

/** What a run answered to each sample of a split, with the right answers. */
export interface JudgedSamples {
  readonly runId: number;
  readonly runName: string;
  readonly split: string;
  readonly checkpoint: string;
  readonly datasetDigest: string;
  readonly datasetName: string;
  readonly classNames: readonly string[];
  readonly labels: Uint8Array;
  readonly predicted: Uint8Array;
  /** `[count, classes]` */
  readonly probabilities: Float32Array;
  /** Of predicted classes and probabilities as they are read. */
  readonly ledgerSha256: string;
  readonly labelsSha256: string;
}

type Source = Pick<Tracker, 'getRun' | 'predictions' | 'dataset'>;

function sha256Of(...parts: readonly (Uint8Array | Float32Array)[]): string {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of parts)
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex');
}

/**
 * Reads a run's ledger of a split with the labels it is judged by.
 * @throws LedgerMismatchError where the run has no such ledger, or its labels were not recorded.
 */
export function readSamples(
  tracker: Source,
  runId: number,
  split: string,
  checkpoint: string | undefined,
): JudgedSamples {
  const run = tracker.getRun(runId);
  const ledger = tracker.predictions(runId, { split, checkpoint });
  if (ledger === undefined) {
    const known = run.ledgers.map((of) => `${of.split} (${of.checkpoint})`).join(', ') || 'none';
    const wanted = checkpoint === undefined ? split : `${split} (${checkpoint})`;
    throw new LedgerMismatchError(
      `run ${runId} (${run.name}) has no prediction ledger of ${wanted}; it has: ${known}`,
    );
  }
  const dataset = tracker.dataset(ledger.datasetDigest);
  const labels = dataset?.splits[split]?.labels;
  if (dataset === undefined || labels?.length !== ledger.predicted.length) {
    const came = labels === undefined ? 'no labels were recorded' : `${labels.length} labels were recorded`;
    throw new LedgerMismatchError(
      `run ${runId} (${run.name}) has ${ledger.predicted.length} predictions of ${split}, but ${came} for its dataset ` +
        `${ledger.datasetDigest.slice(0, 12)}: they cannot be judged`,
    );
  }
  return {
    runId,
    runName: run.name,
    split,
    checkpoint: ledger.checkpoint,
    datasetDigest: ledger.datasetDigest,
    datasetName: dataset.name,
    classNames: dataset.classNames,
    labels,
    predicted: ledger.predicted,
    probabilities: ledger.probabilities,
    ledgerSha256: sha256Of(ledger.predicted, ledger.probabilities),
    labelsSha256: sha256Of(labels),
  };
}

/**
 * Why two ledgers cannot be compared sample by sample; undefined where they can. The dataset digest covers content and
 * split rule, so equal digests and splits mean the same samples in the same order.
 */
export function mismatch(a: JudgedSamples, b: JudgedSamples): string | undefined {
  const of = ({ runId, runName }: JudgedSamples): string => `run ${runId} (${runName})`;
  if (a.split !== b.split) return `${of(a)} was judged on ${a.split}, ${of(b)} on ${b.split}`;
  if (a.datasetDigest !== b.datasetDigest) {
    const named = (samples: JudgedSamples): string =>
      `${samples.datasetName} (digest ${samples.datasetDigest.slice(0, 12)}, ${samples.labels.length} samples of ${samples.split})`;
    return (
      `${of(a)} was judged on ${named(a)}, ${of(b)} on ${named(b)}: the samples are not the same, so nothing can be ` +
      'compared sample by sample. Evaluate both on one dataset with one split'
    );
  }
  return undefined;
}

/** Names that more than one class has: what is said of them could be of either. */
export function twinNames(classNames: readonly string[]): string[] {
  return [...new Set(classNames.filter((name, at) => classNames.indexOf(name) !== at))];
}

/** How a run of a seed family did on the same samples. */
export interface SeedAccuracy extends SeedRun {
  readonly accuracy: number;
}

/** Accuracies of a seed family on the samples of one of its runs; runs that were not judged on them are left out. */
export function seedAccuracies(
  tracker: Source,
  samples: JudgedSamples,
  family: readonly SeedRun[],
): SeedAccuracy[] {
  return family.flatMap(({ runId, seed }) => {
    const own = runId === samples.runId;
    const ledger = own ? samples : tracker.predictions(runId, { split: samples.split });
    if (ledger?.datasetDigest !== samples.datasetDigest) return [];
    const hits = samples.labels.reduce((sum, label, i) => sum + Number(ledger.predicted[i] === label), 0);
    return [{ runId, seed, accuracy: hits / samples.labels.length }];
  });
}
