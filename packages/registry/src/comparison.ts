import {
  compareSeeds,
  confusionMatrix,
  seedVerdict,
  verdict,
  type Evidence as RunsEvidence,
  type SeedComparison,
} from '@atelier/metrics';
import type { Tracker } from '@atelier/tracker';
import type { SplitUse } from './decisions.ts';
import { LedgerMismatchError } from './errors.ts';
import type { EvidenceThread } from './evidence-thread.ts';
import { compareSamples, comparisonInput, namesOf, type FindingsSettings } from './findings.ts';
import { mismatch, readSamples, seedAccuracies, type JudgedSamples, type SeedAccuracy } from './ledgers.ts';
import type { SeedRun } from './seeds.ts';

/** One of the two runs. */
export interface ComparedRun {
  readonly runId: number;
  readonly runName: string;
  readonly checkpoint: string;
  /** Row: true class; column: predicted class. */
  readonly matrix: readonly (readonly number[])[];
  /** Runs of the same configuration but the seed that were judged on the same samples, itself among them. */
  readonly seeds: readonly SeedAccuracy[];
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
  readonly evidence: RunsEvidence;
  /** Where both have two seeds or more. */
  readonly seeds: SeedComparison | undefined;
  /** How often the test split has been used; undefined for other splits. */
  readonly use: SplitUse | undefined;
  /** In plain sentences. */
  readonly verdict: readonly string[];
}

export interface ComparisonRequest {
  readonly a: { readonly runId: number; readonly checkpoint?: string | undefined };
  readonly b: { readonly runId: number; readonly checkpoint?: string | undefined };
  readonly split: string;
  /** 0.95 where absent. */
  readonly level?: number | undefined;
  /** 2000 where absent. */
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
  const { runId, runName, checkpoint } = samples;
  const seeds = seedAccuracies(context.tracker, samples, context.seedFamily(runId));
  return { runId, runName, checkpoint, matrix: rowsOf(samples), seeds };
}

function compareFamilies(a: ComparedRun, b: ComparedRun, level: number): SeedComparison | undefined {
  const accuracies = ({ seeds }: ComparedRun) => seeds.map(({ accuracy }) => accuracy);
  const sameFamily = a.seeds.some(({ runId }) => b.seeds.some((of) => of.runId === runId));
  if (sameFamily || a.seeds.length < 2 || b.seeds.length < 2) return undefined;
  return compareSeeds(accuracies(a), accuracies(b), level);
}

/** What is to be computed of two ledgers, and what to say with the result. */
interface Prepared {
  readonly samplesA: JudgedSamples;
  readonly samplesB: JudgedSamples;
  readonly settings: FindingsSettings;
  readonly finish: (evidence: RunsEvidence) => RunComparison;
}

function checkPair(a: JudgedSamples, b: JudgedSamples): void {
  const reason = mismatch(a, b);
  if (reason !== undefined) throw new LedgerMismatchError(reason);
  if (a.runId !== b.runId || a.checkpoint !== b.checkpoint) return;
  const { runId, runName, checkpoint } = a;
  throw new LedgerMismatchError(`A and B are the same: run ${runId} (${runName}), ${checkpoint}`);
}

function prepare(context: Context, request: ComparisonRequest): Prepared {
  const { split, level = 0.95, bootstraps = 2000 } = request;
  const samplesA = readSamples(context.tracker, request.a.runId, split, request.a.checkpoint);
  const samplesB = readSamples(context.tracker, request.b.runId, split, request.b.checkpoint);
  checkPair(samplesA, samplesB);
  const use = split === 'test' ? context.countLook(samplesA.datasetDigest) : undefined;
  const settings = { level, bootstraps, seed: 1, uses: Math.max(1, use?.uses ?? 1) };
  const finish = (evidence: RunsEvidence): RunComparison => {
    const [a, b] = [describe(context, samplesA), describe(context, samplesB)];
    const seeds = compareFamilies(a, b, level);
    const names = namesOf(samplesA, samplesB);
    const { datasetDigest: digest, datasetName: name, classNames } = samplesA;
    const ofSeeds = seeds === undefined ? [] : seedVerdict(seeds, names, level).sentences;
    const sentences = [...verdict(evidence, names).sentences, ...ofSeeds];
    return { split, dataset: { digest, name, classNames }, a, b, evidence, seeds, use, verdict: sentences };
  };
  return { samplesA, samplesB, settings, finish };
}

/**
 * Compares two runs sample by sample from their ledgers; a comparison on the test split is counted.
 * @throws LedgerMismatchError where one has no ledger of the split, or they judge different samples.
 */
export function compareLedgers(context: Context, request: ComparisonRequest): RunComparison {
  const { samplesA, samplesB, settings, finish } = prepare(context, request);
  return finish(compareSamples(samplesA, samplesB, settings));
}

/** {@link compareLedgers} with the bootstraps in a thread, so that the event loop goes on. The same numbers. */
export async function compareLedgersAside(
  context: Context,
  request: ComparisonRequest,
  thread: EvidenceThread,
): Promise<RunComparison> {
  const { samplesA, samplesB, settings, finish } = prepare(context, request);
  return finish(await thread.compareRuns(comparisonInput(samplesA, samplesB, settings)));
}
