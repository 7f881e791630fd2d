import { agreement } from './agreement.ts';
import { bootstrapLedger, type BootstrapResult } from './bootstrap.ts';
import { confusionMatrix } from './confusion.ts';
import { LedgerMismatchError } from './errors.ts';
import type { ClassEvidence, Evidence } from './evidence.ts';
import { checkLevel, type Interval } from './interval.ts';
import { pairLedgers, type PairedLedger, type PairedLedgerInput } from './ledger.ts';
import { mcnemar, type PairedTable, pairedTable } from './mcnemar.ts';
import { compareCells, compareClasses, differenceMatrix } from './paired-classes.ts';
import { detectableDifference, samplesNeeded } from './power.ts';
import { checkNames } from './report-text.ts';
import { orNull, runEvidence } from './run-evidence.ts';
import { tangoInterval } from './tango.ts';
import { testBudget } from './test-budget.ts';

/** Two ledgers and how they are to be judged. */
export interface CompareRunsInput extends Omit<PairedLedgerInput, 'classes'> {
  /** One per class, in class order. */
  readonly classNames: readonly string[];
  /** What the ledgers are of, for instance dataset digest and split; where both are given they must be equal. */
  readonly datasetA?: string | undefined;
  readonly datasetB?: string | undefined;
  /** Of the bootstrap. Default 1. */
  readonly seed?: number;
  /** Of all intervals, and 1 - alpha. Default 0.95. */
  readonly level?: number;
  /** Number of bootstrap resamples. Default 2000. */
  readonly bootstraps?: number;
  /** How often this split has been used to decide, this time included. Default 1. */
  readonly decisions?: number;
}

function accuracyDifference(table: PairedTable, level: number, alpha: number): Evidence['accuracy'] {
  const count = table.bothRight + table.onlyA + table.onlyB + table.bothWrong;
  const estimate = (table.onlyB - table.onlyA) / count;
  const discordance = (table.onlyA + table.onlyB) / count;
  const { exact, midP } = mcnemar(table);
  const needed = samplesNeeded(estimate, discordance, { alpha });
  const detectable = detectableDifference(discordance, count, { alpha });
  return {
    estimate,
    interval: tangoInterval(table, level),
    correctedInterval: tangoInterval(table, 1 - alpha),
    exactP: exact,
    midP,
    samplesNeeded: Number.isFinite(needed) ? needed : null,
    detectable: Number.isFinite(detectable) ? detectable : null,
  };
}

function known(difference: number, interval: Interval): ClassEvidence['recall'] {
  return Number.isNaN(difference) ? null : { difference, interval };
}

function classEvidence(
  ledger: PairedLedger,
  names: readonly string[],
  level: number,
  bootstrap: BootstrapResult,
): ClassEvidence[] {
  const { labels, predictedA, predictedB, classes } = ledger;
  const compared = compareClasses(labels, predictedA, predictedB, classes, level);
  return compared.map(({ table, support, recallInterval, p, adjustedP, ...differences }, c) => ({
    class: c,
    name: names[c]!,
    support,
    table,
    recallA: orNull((table.bothRight + table.onlyA) / support),
    recallB: orNull((table.bothRight + table.onlyB) / support),
    recall: known(differences.recall, recallInterval),
    precision: known(differences.precision, bootstrap.precision[c]!.bca),
    f1: known(differences.f1, bootstrap.f1[c]!.bca),
    p,
    adjustedP,
  }));
}

function checkDatasets({ datasetA, datasetB }: CompareRunsInput): void {
  if (datasetA !== undefined && datasetB !== undefined && datasetA !== datasetB) {
    throw new LedgerMismatchError(
      `A was evaluated on ${datasetA} but B on ${datasetB}: only ledgers of the same dataset and split compare`,
    );
  }
}

/**
 * Compares two runs from their prediction ledgers. Pure: the same input gives the same evidence, bit for bit, on the
 * same JavaScript engine.
 * @throws LedgerMismatchError for ledgers of different datasets, lengths or numbers of classes.
 * @throws MetricsInputError for no samples, labels that are no class, probabilities outside [0, 1], bad options.
 */
export function compareRuns(input: CompareRunsInput): Evidence {
  const { classNames, seed = 1, level = 0.95, bootstraps = 2000, decisions = 1 } = input;
  checkLevel(level);
  checkDatasets(input);
  const ledger = pairLedgers({ ...input, classes: classNames.length });
  checkNames(classNames, ledger.classes);
  const { labels, predictedA, predictedB, classes } = ledger;
  const budget = testBudget(decisions, labels.length, 1 - level);
  const table = pairedTable(labels, predictedA, predictedB);
  const matrixA = confusionMatrix(labels, predictedA, classes);
  const matrixB = confusionMatrix(labels, predictedB, classes);
  const bootstrap = bootstrapLedger(ledger, { seed, bootstraps, level });
  return {
    version: 1,
    samples: labels.length,
    classNames: [...classNames],
    level,
    a: runEvidence(labels, predictedA, input.probabilitiesA, matrixA, level),
    b: runEvidence(labels, predictedB, input.probabilitiesB, matrixB, level),
    table,
    accuracy: accuracyDifference(table, level, budget.correctedAlpha),
    agreement: orNull(agreement(predictedA, predictedB, classes)),
    classes: classEvidence(ledger, classNames, level, bootstrap),
    cells: compareCells(labels, predictedA, predictedB, classes),
    differenceMatrix: [...differenceMatrix(matrixA, matrixB)],
    bootstrap: {
      bootstraps,
      seed,
      accuracy: bootstrap.accuracy,
      macroF1: bootstrap.macroF1,
      logLoss: bootstrap.logLoss ?? null,
      calibrationError: bootstrap.calibrationError ?? null,
    },
    budget,
  };
}
