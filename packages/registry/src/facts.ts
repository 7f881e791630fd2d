import { namesNear } from '@atelier/base';
import { PredicateError } from './errors.ts';
import type { Predicate, Segment } from './predicate.ts';

/** Numbers under names, as deep as need be: `{ delta: { accuracy: { low: 0.001 } } }`. */
export interface Facts {
  readonly [name: string]: number | Facts;
}

/** Facts that could not be had, and why; `path` stands for all below it. `delta` covers the deltas of classes too. */
export interface Absence {
  readonly path: string;
  readonly reason: string;
}

/** Every fact that a gate may ask for, with what it means. `*` stands for a class. */
interface Shape {
  readonly [name: string]: string | Shape;
}

const interval = (what: string): Shape => ({
  value: what,
  low: `lower bound of: ${what}`,
  high: `upper bound of: ${what}`,
});

const difference = (what: string): Shape => ({
  ...interval(`candidate - incumbent: ${what}`),
  p: `two-sided p-value of no difference: ${what}`,
});

const ADJUSTED = 'p-value adjusted over the classes (Benjamini-Hochberg)';

export const KNOWN_FACTS: Shape = {
  accuracy: interval('share of samples that are right (Wilson)'),
  macroF1: interval('mean F1 over the classes (bootstrap)'),
  logLoss: interval('mean negative log likelihood in nats (bootstrap)'),
  ece: interval('expected calibration error, 15 bins of equal width (bootstrap)'),
  adaptiveEce: { value: 'calibration error over bins of equal mass' },
  brier: { value: 'Brier score, summed over classes' },
  kappa: { value: "Cohen's kappa against the labels" },
  matthews: { value: 'Matthews correlation' },
  class: {
    '*': {
      recall: interval('share of the class that is found (Wilson)'),
      precision: interval('share of what is called the class that is it (Wilson)'),
      f1: { value: 'harmonic mean of recall and precision' },
      delta: {
        recall: { ...difference('recall of the class (Tango)'), adjustedP: ADJUSTED },
        precision: interval('candidate - incumbent: precision of the class (bootstrap)'),
        f1: interval('candidate - incumbent: F1 of the class (bootstrap)'),
      },
    },
  },
  delta: {
    accuracy: {
      ...difference('accuracy (Tango; mid-p McNemar)'),
      exactP: 'exact McNemar',
      correctedLow: 'lower bound at the level that the uses of the test split call for',
      correctedHigh: 'upper bound at the level that the uses of the test split call for',
    },
    macroF1: interval('candidate - incumbent: macro F1 (bootstrap)'),
    logLoss: interval('candidate - incumbent: log loss (bootstrap)'),
    ece: interval('candidate - incumbent: calibration error (bootstrap)'),
  },
  seedDelta: {
    ...difference('mean accuracy over seeds (Welch)'),
    beatsOnNewSeed: 'probability that a new seed of the candidate beats a new seed of the incumbent',
  },
  samples: 'samples judged',
  seeds: 'seeds of the same configuration judged on the same samples, the candidate among them',
  testSetUses: 'different judgements this test split has been used for, this one included',
  size: { bytes: 'bytes of all files of the version' },
  latency: {
    p50: 'milliseconds for one image, median',
    p99: 'milliseconds for one image, 99th percentile',
  },
};

/** `class["T-shirt/top"].recall`: a name that is no plain word in quotes. */
export function pathText(names: readonly string[]): string {
  return names.reduce((text, name) => {
    if (/^(\*|[\p{L}_][\p{L}\p{N}_/-]*)$/u.test(name)) return text === '' ? name : `${text}.${name}`;
    return `${text}[${JSON.stringify(name)}]`;
  }, '');
}

function unknown(text: string, at: Segment, known: readonly string[], of: string): PredicateError {
  const near = namesNear(at.text, known, 1);
  const hint = near.length === 0 ? '' : `Did you mean ${near[0]}? `;
  const where = of === '' ? 'there is no such fact' : `${of} has no such fact`;
  return new PredicateError(text, at.at, `"${at.text}": ${where}. ${hint}Known: ${known.join(', ')}`);
}

/** @throws PredicateError where no gate could ever know such a fact; class names are checked against the dataset later. */
export function checkPredicate(predicate: Predicate): void {
  let shape: string | Shape = KNOWN_FACTS;
  const names: string[] = [];
  for (const step of predicate.path) {
    if (typeof shape === 'string') {
      throw new PredicateError(
        predicate.text,
        step.at,
        `${pathText(names)} is a number: nothing comes after it`,
      );
    }
    const isClass: boolean = '*' in shape;
    if (step.any && !isClass) {
      throw new PredicateError(predicate.text, step.at, '* stands for a class only: class.*.recall.low');
    }
    const next: string | Shape | undefined = isClass
      ? shape['*']
      : Object.hasOwn(shape, step.text)
        ? shape[step.text]
        : undefined;
    if (next === undefined) throw unknown(predicate.text, step, Object.keys(shape), pathText(names));
    names.push(step.text);
    shape = next;
  }
  if (typeof shape === 'string') return;
  const end = predicate.path.at(-1)!;
  throw new PredicateError(
    predicate.text,
    end.at,
    `${pathText(names)} is no number: say which of it: ${Object.keys(shape).join(', ')}`,
  );
}

/** One number a predicate speaks of, or why there is none. */
export interface Found {
  readonly path: string;
  readonly value: number | undefined;
  readonly reason: string | undefined;
}

/** Whether a path asks for a difference to an incumbent; a class may be called "delta" too. */
export function isDifference([first, , third]: readonly string[]): boolean {
  return first === 'delta' || first === 'seedDelta' || (first === 'class' && third === 'delta');
}

function reasonFor(names: readonly string[], absences: readonly Absence[]): string | undefined {
  const text = pathText(names);
  const found = absences.find(
    ({ path }) => text === path || text.startsWith(`${path}.`) || (path === 'delta' && isDifference(names)),
  );
  return found?.reason;
}

function numberAt(facts: Facts, names: readonly string[]): number | undefined {
  let at: number | Facts | undefined = facts;
  for (const name of names) {
    if (typeof at !== 'object' || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return typeof at === 'number' ? at : undefined;
}

function namesOf(predicate: Predicate, classNames: readonly string[]): string[][] {
  const star = predicate.path.findIndex(({ any }) => any);
  const names = predicate.path.map(({ text }) => text);
  if (star >= 0) return classNames.map((name) => names.with(star, name));
  const [first, second] = predicate.path;
  if (first?.text === 'class' && second !== undefined && !classNames.includes(second.text)) {
    throw unknown(predicate.text, second, classNames, 'the dataset');
  }
  return [names];
}

/**
 * The numbers a predicate speaks of: one, or one per class.
 * @throws PredicateError for a class that the dataset does not have.
 */
export function findFacts(
  predicate: Predicate,
  facts: Facts,
  absences: readonly Absence[],
  classNames: readonly string[],
): Found[] {
  return namesOf(predicate, classNames).map((names) => {
    const value = numberAt(facts, names);
    const reason = value === undefined ? (reasonFor(names, absences) ?? 'was not computed') : undefined;
    return { path: pathText(names), value, reason };
  });
}
