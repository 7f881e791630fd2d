import type { ClassEvidence, Evidence } from './evidence.ts';
import type { Interval } from './interval.ts';
import type { SeedComparison } from './seeds.ts';

/** What is to be said of A and B, most important first. */
export interface Verdict {
  /** `better` and `worse` are of B, and only where the test says so at the alpha that the test budget leaves. */
  readonly outcome: 'better' | 'worse' | 'undecided';
  readonly sentences: readonly string[];
  /** The sentences in one line. */
  readonly text: string;
}

export interface VerdictNames {
  readonly a?: string;
  readonly b?: string;
}

/** Accuracy as percentage points: 0.0041 is 0.41. */
function points(value: number): string {
  const text = (100 * value).toFixed(2);
  return text === '-0.00' ? '0.00' : text;
}

function range({ low, high }: Interval): string {
  return `[${points(low)}, ${points(high)}]`;
}

/** A p-value as papers write it. */
export function formatP(p: number): string {
  if (p < 0.001) return 'p < 0.001';
  return `p = ${p.toFixed(p < 0.1 ? 3 : 2)}`;
}

function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

type ChangedClass = ClassEvidence & { readonly recall: NonNullable<ClassEvidence['recall']> };

function classClause({ name, recall, adjustedP }: ChangedClass): string {
  const word = recall.difference > 0 ? 'better' : 'worse';
  return `on ${name} it is ${word} by ${points(Math.abs(recall.difference))} (adjusted ${formatP(adjustedP)})`;
}

/** Gains named one by one; losses are all named. */
const GAINS_NAMED = 3;

/** Clauses on the classes whose recall changed: every loss, the largest first, and the largest gains. */
function classClauses(evidence: Evidence): string[] {
  const changed = changedClasses(evidence);
  const losses = changed.filter(({ recall }) => recall.difference < 0);
  const gains = changed.filter(({ recall }) => recall.difference > 0).reverse();
  const left = gains.length - GAINS_NAMED;
  return [
    ...[...losses, ...gains.slice(0, GAINS_NAMED)].map(classClause),
    ...(left > 0 ? [`and better on ${left} more ${left === 1 ? 'class' : 'classes'}`] : []),
  ];
}

/** Classes whose recall changed, from the largest loss to the largest gain. */
function changedClasses(evidence: Evidence): ChangedClass[] {
  return evidence.classes
    .filter((of): of is ChangedClass => of.recall !== null && of.recall.difference !== 0)
    .filter(({ adjustedP }) => adjustedP <= evidence.budget.correctedAlpha)
    .sort((left, right) => left.recall.difference - right.recall.difference);
}

/**
 * The one verdict on B, for every place that says it in words or colours: the interval of 1 - alpha, at the alpha that
 * the test budget leaves, is on one side of 0. Where so few samples are discordant that the exact test does not follow
 * the interval, that has to say so too.
 */
export function outcomeOf({ accuracy, budget }: Pick<Evidence, 'accuracy' | 'budget'>): Verdict['outcome'] {
  const { low, high } = accuracy.correctedInterval;
  if (accuracy.midP > budget.correctedAlpha) return 'undecided';
  return low > 0 ? 'better' : high < 0 ? 'worse' : 'undecided';
}

function decided(evidence: Evidence, a: string, b: string): string {
  const { estimate, correctedInterval: interval, midP } = evidence.accuracy;
  const [word, sign] = estimate > 0 ? ['better', 1] : ['worse', -1];
  const shown = sign > 0 ? interval : { low: -interval.high, high: -interval.low };
  return `${b} is ${word} than ${a} by ${points(Math.abs(estimate))} points ${range(shown)}, ${formatP(midP)}`;
}

function undecided(evidence: Evidence, a: string, b: string): string[] {
  const { accuracy, samples, table } = evidence;
  const first =
    `No difference between ${a} and ${b} can be shown: ${b} minus ${a} is ${points(accuracy.estimate)} points ` +
    `${range(accuracy.correctedInterval)}, ${formatP(accuracy.midP)}`;
  const disagree = `they disagree in being right on ${thousands(table.onlyA + table.onlyB)} of ${thousands(samples)} samples`;
  const detectable =
    accuracy.detectable === null
      ? 'too few to show any difference'
      : `a difference of ${points(accuracy.detectable)} points would have been found in 80 % of cases`;
  const needed = accuracy.samplesNeeded;
  const more = needed !== null && needed > samples ? needed - samples : null;
  if (table.onlyA + table.onlyB === 0) return [first, 'They are right and wrong on exactly the same samples'];
  return [
    first,
    `${disagree}; ${detectable}`.replace(/^t/, 'T'),
    ...(more === null
      ? []
      : [
          `If the difference is as seen, about ${thousands(Number(more.toPrecision(2)))} more samples would be needed to show it`,
        ]),
  ];
}

/** 1 - alpha as percent with its last digits: 99.75 for 0.0025. */
export function confidenceText(alpha: number): string {
  return String(100 - Number((100 * alpha).toPrecision(2)));
}

function budgetSentence({ budget, accuracy }: Evidence): string[] {
  if (budget.decisions <= 1) return [];
  const spent = accuracy.midP <= budget.alpha && accuracy.midP > budget.correctedAlpha;
  return [
    `This is decision ${thousands(budget.decisions)} on this split, so p must be at most ` +
      `${budget.correctedAlpha.toPrecision(2)} instead of ${Number(budget.alpha.toPrecision(6))}, ` +
      `and the interval is of ${confidenceText(budget.correctedAlpha)} %` +
      (spent ? ': without that correction the difference would have counted' : ''),
  ];
}

function conclude(outcome: Verdict['outcome'], parts: readonly string[]): Verdict {
  const sentences = parts.map((part) => `${part}.`);
  return { outcome, sentences, text: sentences.join(' ') };
}

/**
 * The evidence in plain sentences: is B better, by how much, on which classes, and what would settle it. Numbers are
 * percentage points of accuracy or recall; the interval of the accuracy is the corrected one, which decides.
 */
export function verdict(evidence: Evidence, names: VerdictNames = {}): Verdict {
  const { a = 'A', b = 'B' } = names;
  const outcome = outcomeOf(evidence);
  const clauses = classClauses(evidence);
  const budget = budgetSentence(evidence);
  if (outcome !== 'undecided')
    return conclude(outcome, [[decided(evidence, a, b), ...clauses].join('; '), ...budget]);
  const perClass = clauses.length > 0 ? [`Yet of ${b}: ${clauses.join('; ')}`] : [];
  return conclude(outcome, [...undecided(evidence, a, b), ...perClass, ...budget]);
}

/** The verdict on two recipes by their seeds. @param level that `comparison` was made at. */
export function seedVerdict(comparison: SeedComparison, names: VerdictNames = {}, level = 0.95): Verdict {
  const { a = 'A', b = 'B' } = names;
  const { difference, interval, p, seedsNeeded } = comparison;
  const counts = `${comparison.a.seeds} seeds of ${a} and ${comparison.b.seeds} of ${b}`;
  const odds = `a new seed of ${b} beats a new seed of ${a} with probability ${comparison.beatsOnNewSeed.toFixed(2)}`;
  const sure = p <= 1 - level && difference !== 0;
  if (sure) {
    const word = difference > 0 ? 'better' : 'worse';
    const shown = difference > 0 ? interval : { low: -interval.high, high: -interval.low };
    const gain = `${points(Math.abs(difference))} points ${range(shown)}, ${formatP(p)}`;
    return conclude(word, [`Over ${counts}, ${b} is ${word} by ${gain}; ${odds}`]);
  }
  const most = Math.max(comparison.a.seeds, comparison.b.seeds);
  const settle = seedsNeeded !== null && seedsNeeded > most;
  return conclude('undecided', [
    `Over ${counts} no difference can be shown: ${points(difference)} points ${range(interval)}, ${formatP(p)}; ${odds}`,
    ...(settle ? [`If it is as seen, about ${seedsNeeded} seeds of each would settle it`] : []),
  ]);
}
