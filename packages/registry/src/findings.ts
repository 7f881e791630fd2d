import {
  classificationReport,
  compareRuns,
  compareSeeds,
  confusionMatrix,
  verdict,
  wilsonInterval,
  type Bootstrapped,
  type CompareRunsInput,
  type Evidence as RunsEvidence,
} from '@atelier/metrics';
import { pathText, type Absence, type Facts } from './facts.ts';
import { twinNames, type JudgedSamples } from './ledgers.ts';

/** How the numbers are to be computed. */
export interface FindingsSettings {
  /** Of every interval, in (0.5, 1). */
  readonly level: number;
  readonly bootstraps: number;
  /** Of the resampling. */
  readonly seed: number;
  /** How often the test split has been used, this time included; 1 for other splits. */
  readonly uses: number;
}

export interface Findings {
  readonly facts: Facts;
  readonly sentences: readonly string[];
  /** What the facts were taken from; absent where there was nobody to compare with. */
  readonly comparison: RunsEvidence | undefined;
}

export function comparisonInput(
  a: JudgedSamples,
  b: JudgedSamples,
  { level, bootstraps, seed, uses }: FindingsSettings,
): CompareRunsInput {
  return {
    labels: a.labels,
    predictedA: a.predicted,
    predictedB: b.predicted,
    probabilitiesA: a.probabilities,
    probabilitiesB: b.probabilities,
    classNames: a.classNames,
    seed,
    level,
    bootstraps,
    decisions: uses,
  };
}

/** B against A on the same samples: everything that `@atelier/metrics` says of two ledgers. */
export function compareSamples(a: JudgedSamples, b: JudgedSamples, settings: FindingsSettings): RunsEvidence {
  return compareRuns(comparisonInput(a, b, settings));
}

/** The names of two runs where they tell them apart, else A and B. */
export function namesOf(a: JudgedSamples, b: JudgedSamples): { a: string; b: string } {
  return a.runName === b.runName ? { a: 'A', b: 'B' } : { a: a.runName, b: b.runName };
}

const bca = ({ estimate, bca: { low, high } }: Bootstrapped): Facts => ({ value: estimate, low, high });

/** Facts of B by itself, named as gates name them. */
function ownFacts({ b, bootstrap, samples }: RunsEvidence): Facts {
  const { calibration } = b;
  return {
    samples,
    accuracy: { value: b.accuracy, ...b.interval },
    macroF1: bca(bootstrap.macroF1.b),
    matthews: { value: b.matthews },
    ...(b.kappa !== null && { kappa: { value: b.kappa } }),
    ...(bootstrap.logLoss && { logLoss: bca(bootstrap.logLoss.b) }),
    ...(bootstrap.calibrationError && { ece: bca(bootstrap.calibrationError.b) }),
    ...(calibration && {
      brier: { value: calibration.brier },
      adaptiveEce: { value: calibration.adaptiveError },
    }),
  };
}

function deltaFacts({ accuracy, bootstrap }: RunsEvidence): Facts {
  const { estimate, interval, correctedInterval, midP, exactP } = accuracy;
  return {
    accuracy: {
      value: estimate,
      ...interval,
      correctedLow: correctedInterval.low,
      correctedHigh: correctedInterval.high,
      p: midP,
      exactP,
    },
    macroF1: bca(bootstrap.macroF1.difference),
    ...(bootstrap.logLoss && { logLoss: bca(bootstrap.logLoss.difference) }),
    ...(bootstrap.calibrationError && { ece: bca(bootstrap.calibrationError.difference) }),
  };
}

/**
 * Recall and precision with Wilson's intervals, and the differences where there is somebody to differ from. What nobody
 * can know is left out: of classes that share a name, and of classes without samples.
 */
function classFacts(candidate: JudgedSamples, evidence: RunsEvidence, compared: boolean): Facts {
  const classes = candidate.classNames.length;
  const matrix = confusionMatrix(candidate.labels, candidate.predicted, classes);
  const { perClass } = classificationReport(matrix);
  const called = (k: number): number => {
    let sum = 0;
    for (let row = 0; row < classes; row++) sum += matrix.counts[row * classes + k]!;
    return sum;
  };
  const twins = new Set(twinNames(candidate.classNames));
  const facts = evidence.classes.flatMap(({ recall, precision, f1, p, adjustedP, support, name }, k) => {
    if (twins.has(name) || support === 0) return [];
    const hits = matrix.counts[k * (classes + 1)]!;
    const scores = perClass[k]!;
    const delta = {
      ...(recall && { recall: { value: recall.difference, ...recall.interval, p, adjustedP } }),
      ...(precision && { precision: { value: precision.difference, ...precision.interval } }),
      ...(f1 && { f1: { value: f1.difference, ...f1.interval } }),
    };
    const own = {
      recall: { value: scores.recall, ...wilsonInterval(hits, support, evidence.level) },
      precision: { value: scores.precision, ...wilsonInterval(hits, called(k), evidence.level) },
      f1: { value: scores.f1 },
    };
    return [[name, { ...own, ...(compared && { delta }) }] as const];
  });
  return Object.fromEntries(facts) as Facts;
}

/** Why facts of classes are not known. */
export function classAbsences({ classNames, labels, split }: JudgedSamples): Absence[] {
  const twins = twinNames(classNames).map((name) => ({
    path: pathText(['class', name]),
    reason: `two classes of the dataset are called "${name}": which is meant cannot be known`,
  }));
  const empty = classNames
    .filter((_, k) => !labels.includes(k))
    .map((name) => ({
      path: pathText(['class', name]),
      reason: `the ${split} split has no sample of "${name}"`,
    }));
  return [...twins, ...empty];
}

/** Judges a candidate from its ledger and, where there is one to compare with, against another on the same samples. */
export function findingsOf(
  candidate: JudgedSamples,
  incumbent: JudgedSamples | undefined,
  settings: FindingsSettings,
): Findings {
  // alone, a run is compared with itself: its own numbers are the same, and the differences are left out
  const evidence = compareSamples(incumbent ?? candidate, candidate, settings);
  const compared = incumbent !== undefined;
  return {
    facts: {
      ...ownFacts(evidence),
      class: classFacts(candidate, evidence, compared),
      ...(compared && { delta: deltaFacts(evidence) }),
    },
    sentences: compared ? verdict(evidence, namesOf(incumbent, candidate)).sentences : [],
    comparison: compared ? evidence : undefined,
  };
}

/** Two recipes by the accuracies of their seeds; undefined where one has less than two. */
export function seedFacts(
  incumbent: readonly number[],
  candidate: readonly number[],
  level: number,
): Facts | undefined {
  if (incumbent.length < 2 || candidate.length < 2) return undefined;
  const { difference, interval, p, beatsOnNewSeed } = compareSeeds(incumbent, candidate, level);
  return { value: difference, ...interval, p, beatsOnNewSeed };
}
