import { confusionMatrix } from '@atelier/metrics';
import type { Tracker } from '../tracker.ts';
import type { SplitUse } from './decisions.ts';
import { LedgerMismatchError } from './errors.ts';
import { cellDifferences, pairTable, type CellDifference, type PairTable } from './cells.ts';
import type { Facts } from './facts.ts';
import { findingsOf } from './findings.ts';
import { mismatch, readSamples, type JudgedSamples } from './ledgers.ts';
import type { SeedRun } from './seeds.ts';

/** One of the two runs. */
export interface ComparedRun {
  readonly runId: number;
  readonly runName: string;
  readonly checkpoint: string;
  /** Row: true class; column: predicted class. */
  readonly matrix: readonly (readonly number[])[];
  /** Runs of the same configuration but the seed with the split's accuracy, where it is known. */
  readonly seeds: readonly (SeedRun & { readonly accuracy: number | undefined })[];
}

/** B against A: every difference is B - A. */
export interface RunComparison {
  readonly split: string;
  readonly dataset: {
    readonly digest: string;
    readonly name: string;
    readonly classNames: readonly string[];
  };
  readonly a: ComparedRun;
  readonly b: ComparedRun;
  readonly level: number;
  readonly table: PairTable;
  readonly factsA: Facts;
  /** With the differences to A under `delta`. */
  readonly factsB: Facts;
  /** Cells of the matrix whose counts differ, the least probable by chance first. */
  readonly cells: readonly CellDifference[];
  readonly use: SplitUse | undefined;
  /** What p has to fall below for a difference to count as shown: (1 - level) over the uses of the test split. */
  readonly bar: number;
}

export interface ComparisonRequest {
  readonly a: { readonly runId: number; readonly checkpoint?: string | undefined };
  readonly b: { readonly runId: number; readonly checkpoint?: string | undefined };
  readonly split: string;
  readonly level?: number | undefined;
  readonly bootstraps?: number | undefined;
}

interface Context {
  readonly tracker: Pick<Tracker, 'getRun' | 'predictions' | 'dataset'>;
  seedFamily(run: number): SeedRun[];
  /** Counts this look at the test split. */
  countLook(datasetDigest: string): SplitUse | undefined;
}

function rowsOf({ labels, predicted, classNames }: JudgedSamples): number[][] {
  const classes = classNames.length;
  const { counts } = confusionMatrix(labels, predicted, classes);
  return classNames.map((_, row) => [...counts.subarray(row * classes, (row + 1) * classes)]);
}

function describe(context: Context, samples: JudgedSamples): ComparedRun {
  const { runId, runName, checkpoint, split } = samples;
  const seeds = context.seedFamily(runId).map((seedRun) => {
    const accuracy = context.tracker.getRun(seedRun.runId).metrics[`${split}/accuracy`];
    return { ...seedRun, accuracy };
  });
  return { runId, runName, checkpoint, matrix: rowsOf(samples), seeds };
}

/**
 * Compares two runs sample by sample from their ledgers; a comparison on the test split is counted.
 * @throws LedgerMismatchError where one has no ledger of the split, or they judge different samples.
 */
export function compareLedgers(context: Context, request: ComparisonRequest): RunComparison {
  const { split, level = 0.95, bootstraps = 2000 } = request;
  const a = readSamples(context.tracker, request.a.runId, split, request.a.checkpoint);
  const b = readSamples(context.tracker, request.b.runId, split, request.b.checkpoint);
  const reason = mismatch(a, b);
  if (reason !== undefined) throw new LedgerMismatchError(reason);
  if (a.runId === b.runId && a.checkpoint === b.checkpoint) {
    throw new LedgerMismatchError(`A and B are the same: run ${a.runId} (${a.runName}), ${a.checkpoint}`);
  }
  const use = split === 'test' ? context.countLook(a.datasetDigest) : undefined;
  const uses = Math.max(1, use?.uses ?? 1);
  const settings = { level, bootstraps, seed: 1, uses };
  return {
    split,
    dataset: { digest: a.datasetDigest, name: a.datasetName, classNames: a.classNames },
    a: describe(context, a),
    b: describe(context, b),
    level,
    table: pairTable(a, b),
    factsA: findingsOf(a, undefined, settings).facts,
    factsB: findingsOf(b, a, settings).facts,
    cells: cellDifferences(a, b),
    use,
    bar: (1 - level) / uses,
  };
}
