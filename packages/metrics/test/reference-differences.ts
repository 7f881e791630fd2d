import {
  agreement,
  argmax,
  bcaInterval,
  benjaminiHochberg,
  bonferroni,
  brierScore,
  classRanking,
  cohenKappa,
  compareClasses,
  compareSeeds,
  confidences,
  confusionMatrix,
  equalMassBins,
  expectedCalibrationError,
  fitTemperature,
  holm,
  Jackknife,
  matthewsCorrelation,
  maximumCalibrationError,
  mcnemar,
  noiseComponents,
  noncentralStudentCdf,
  normalCdf,
  normalQuantile,
  type PairedTable,
  percentileInterval,
  precisionRecallCurve,
  reliabilityBins,
  rocCurve,
  seedsNeeded,
  seedsPower,
  studentCdf,
  studentQuantile,
  summarizeSeeds,
  tangoInterval,
  wilsonInterval,
} from '../src/index.ts';

type Pair = [number, number];
type Maybe = number | null;

/** What `reference/evidence.py` writes. */
export interface EvidenceReference {
  versions: Record<string, string>;
  functions: Record<
    | 'x'
    | 'p'
    | 'freedom'
    | 'shift'
    | 'normalCdf'
    | 'normalQuantile'
    | 'studentCdf'
    | 'studentQuantile'
    | 'noncentral',
    number
  >[];
  paired: { table: PairedTable; level: number; exact: number; midP: number; tango: Pair }[];
  wilson: { hits: number; count: number; level: number; interval: Pair }[];
  adjusted: Record<'p' | 'benjaminiHochberg' | 'holm' | 'bonferroni', number[]>[];
  ledgers: LedgerReference[];
  seeds: {
    a: number[];
    b: number[];
    p: number;
    freedom: number;
    interval: Pair;
    meanInterval: Pair;
    deviation: number;
    pairsWon: number;
  }[];
  power: { effect: number; seeds: number; power: number; needed: number }[];
  noise: {
    correct: number[][];
    seedNoise: number;
    sampleNoise: number;
    interaction: number;
    total: number;
  }[];
  bca: {
    replicates: number[];
    estimate: number;
    level: number;
    jackknife: number[];
    bca: Pair;
    percentile: Pair;
  }[];
}

interface LedgerReference {
  classes: number;
  labels: number[];
  a: number[];
  b: number[];
  kappa: Maybe;
  agreement: Maybe;
  matthews: number;
  brier: number;
  calibration: { expected: number; adaptive: number; maximum: number };
  temperature: { temperature: number; lossBefore: number; lossAfter: number };
  ranking: {
    roc: Maybe[];
    ap: Maybe[];
    macro: Pair;
    micro: Pair;
    class: number;
    rocCurve: number[][];
    prCurve: number[][];
  };
  classes_p: number[];
}

/** The largest absolute difference seen per function, and how many numbers were compared. */
export class Differences {
  readonly largest = new Map<string, { difference: number; compared: number }>();

  /** Both undefined (NaN here, null there) is no difference; only one of them is an infinite one. */
  compare(name: string, ours: number, theirs: Maybe): void {
    const difference =
      theirs === null || Number.isNaN(ours)
        ? theirs === null && !Number.isFinite(ours)
          ? 0
          : Infinity
        : Math.abs(ours - theirs);
    const before = this.largest.get(name) ?? { difference: 0, compared: 0 };
    this.largest.set(name, {
      difference: Math.max(before.difference, difference),
      compared: before.compared + 1,
    });
  }

  compareAll(name: string, ours: ArrayLike<number>, theirs: readonly Maybe[]): void {
    if (ours.length !== theirs.length) this.compare(`${name} (length)`, ours.length, theirs.length);
    theirs.forEach((value, index) => this.compare(name, ours[index] ?? NaN, value));
  }
}

function ends({ low, high }: { low: number; high: number }): Pair {
  return [low, high];
}

function compareLedger(found: Differences, ledger: LedgerReference): void {
  const { classes, labels, ranking } = ledger;
  const [a, b] = [Float64Array.from(ledger.a), Float64Array.from(ledger.b)];
  const [saidA, saidB] = [argmax(a, classes), argmax(b, classes)];
  const matrix = confusionMatrix(labels, saidA, classes);
  found.compare("Cohen's kappa", cohenKappa(matrix), ledger.kappa);
  found.compare('agreement', agreement(saidA, saidB, classes), ledger.agreement);
  found.compare('Matthews', matthewsCorrelation(matrix), ledger.matthews);
  found.compare('Brier', brierScore(labels, a, classes), ledger.brier);
  const sure = confidences(labels, a, classes);
  const bins = reliabilityBins(sure);
  found.compare('ECE', expectedCalibrationError(bins), ledger.calibration.expected);
  found.compare('adaptive ECE', expectedCalibrationError(equalMassBins(sure)), ledger.calibration.adaptive);
  found.compare('MCE', maximumCalibrationError(bins), ledger.calibration.maximum);
  const fitted = fitTemperature(labels, a, classes);
  found.compare('temperature: loss before', fitted.lossBefore, ledger.temperature.lossBefore);
  found.compare('temperature: loss after', fitted.lossAfter, ledger.temperature.lossAfter);
  const areas = classRanking(labels, a, classes);
  const column = Float64Array.from(labels, (_, i) => a[i * classes + ranking.class]!);
  const positive = labels.map((label) => (label === ranking.class ? 1 : 0));
  const roc = rocCurve(column, positive);
  const curve = precisionRecallCurve(column, positive);
  const per = (pick: 'rocArea' | 'averagePrecision') => areas.perClass.map((each) => each[pick]);
  found.compareAll('ROC area', per('rocArea'), ranking.roc);
  found.compareAll('average precision', per('averagePrecision'), ranking.ap);
  found.compareAll('macro areas', [areas.macro.rocArea, areas.macro.averagePrecision], ranking.macro);
  found.compareAll('micro areas', [areas.micro.rocArea, areas.micro.averagePrecision], ranking.micro);
  found.compareAll('ROC curve: x', roc.falsePositiveRate, ranking.rocCurve[0]!);
  found.compareAll('ROC curve: y', roc.truePositiveRate, ranking.rocCurve[1]!);
  found.compareAll('ROC curve: thresholds', roc.thresholds.slice(1), ranking.rocCurve[2]!);
  found.compareAll('precision-recall: precision', curve.precision, ranking.prCurve[0]!);
  found.compareAll('precision-recall: recall', curve.recall, ranking.prCurve[1]!);
  found.compareAll('precision-recall: thresholds', curve.thresholds, ranking.prCurve[2]!);
  const compared = compareClasses(labels, saidA, saidB, classes);
  found.compareAll(
    'mid-p per class',
    compared.map(({ p }) => p),
    ledger.classes_p,
  );
}

function compareDistributions(found: Differences, reference: EvidenceReference): void {
  for (const each of reference.functions) {
    found.compare('normal cdf', normalCdf(each.x), each.normalCdf);
    found.compare('normal quantile', normalQuantile(each.p), each.normalQuantile);
    found.compare('t cdf', studentCdf(each.x, each.freedom), each.studentCdf);
    const scale = 1 + Math.abs(each.studentQuantile);
    found.compare(
      't quantile (relative)',
      studentQuantile(each.p, each.freedom) / scale,
      each.studentQuantile / scale,
    );
    found.compare(
      'noncentral t cdf',
      noncentralStudentCdf(each.x, each.freedom, each.shift),
      each.noncentral,
    );
  }
}

function comparePaired(found: Differences, reference: EvidenceReference): void {
  for (const { table, level, exact, midP, tango } of reference.paired) {
    const ours = mcnemar(table);
    found.compare('McNemar exact', ours.exact, exact);
    found.compare('McNemar mid-p', ours.midP, midP);
    found.compareAll('Tango', ends(tangoInterval(table, level)), tango);
  }
  for (const { hits, count, level, interval } of reference.wilson) {
    found.compareAll('Wilson', ends(wilsonInterval(hits, count, level)), interval);
  }
  for (const each of reference.adjusted) {
    found.compareAll('Benjamini-Hochberg', benjaminiHochberg(each.p), each.benjaminiHochberg);
    found.compareAll('Holm', holm(each.p), each.holm);
    found.compareAll('Bonferroni', bonferroni(each.p), each.bonferroni);
  }
}

function compareRecipes(found: Differences, reference: EvidenceReference): void {
  for (const each of reference.seeds) {
    const ours = compareSeeds(each.a, each.b);
    found.compare('Welch: p', ours.p, each.p);
    found.compare('Welch: freedom', ours.freedom, each.freedom);
    found.compareAll('Welch: interval', ends(ours.interval), each.interval);
    found.compareAll('t interval', ends(summarizeSeeds(each.a).interval), each.meanInterval);
    found.compare('deviation', ours.a.deviation, each.deviation);
    found.compare('pairs won', ours.pairsWon, each.pairsWon);
  }
  for (const each of reference.power) {
    found.compare('power of the t test', seedsPower(each.effect, each.seeds), each.power);
    found.compare('seeds needed', seedsNeeded(each.effect), Math.max(2, Math.ceil(each.needed - 1e-9)));
  }
  for (const each of reference.noise) {
    const ours = noiseComponents(each.correct);
    for (const key of ['seedNoise', 'sampleNoise', 'interaction', 'total'] as const) {
      // squares: where nothing is left, the root of a rounding error is no longer one
      found.compare('variance components', ours[key] ** 2, each[key] ** 2);
    }
  }
}

function compareBootstrap(found: Differences, reference: EvidenceReference): void {
  for (const each of reference.bca) {
    const jackknife = new Jackknife();
    for (const value of each.jackknife) jackknife.add(value);
    const sorted = Float64Array.from(each.replicates).sort();
    const { level, estimate } = each;
    found.compareAll('BCa', ends(bcaInterval(sorted, estimate, jackknife.acceleration(), level)), each.bca);
    found.compareAll('percentile bootstrap', ends(percentileInterval(sorted, level)), each.percentile);
  }
}

/** Runs every function on every case of the reference. */
export function differencesFrom(reference: EvidenceReference): Differences {
  const found = new Differences();
  compareDistributions(found, reference);
  comparePaired(found, reference);
  for (const ledger of reference.ledgers) compareLedger(found, ledger);
  compareRecipes(found, reference);
  compareBootstrap(found, reference);
  return found;
}
