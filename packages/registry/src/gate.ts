import { namesNear } from '@atelier/base';
import { z } from 'zod';
import { digestOf } from './canonical.ts';
import { GateInvalidError, PredicateError } from './errors.ts';
import { checkPredicate, findFacts, isDifference, type Absence, type Facts } from './facts.ts';
import { parseSettings, type Settings } from './gate-yaml.ts';
import { parsePredicate, satisfies, type Predicate } from './predicate.ts';

/** What a gate file says. */
export const GateFile = z.strictObject({
  /** For people: what the gate is for. */
  description: z.string().optional(),
  /** The split whose ledgers are judged. */
  split: z.enum(['test', 'val']).default('test'),
  /** Whom the candidate is compared with: the holder of this alias, who has to be. Absent: of the alias that is to move. */
  against: z.string().optional(),
  /** Whether a candidate may pass where there is nobody to compare it with: predicates on `delta` do not apply then. */
  firstVersion: z.enum(['allow', 'refuse']).default('refuse'),
  /**
   * Whether a candidate may pass whose predictions could not be made again here (its dataset is not in this home, or
   * its model is of a kind that cannot be loaded): then the ledger is taken on trust.
   */
  unavailable: z.enum(['allow', 'refuse']).default('refuse'),
  /** Of the intervals. */
  level: z.number().gt(0.5).lt(1).default(0.95),
  /** Replicates of the bootstrap intervals. */
  bootstraps: z.int().min(200).max(100_000).default(2000),
  /** All have to hold: `delta.accuracy.low > -0.002`. */
  require: z.array(z.string()).min(1),
});
export type GateFile = z.output<typeof GateFile>;

/** A gate with where it came from. */
export interface Gate extends GateFile {
  readonly file: string;
  readonly text: string;
  /** Of the file's text. */
  readonly sha256: string;
  readonly predicates: readonly Predicate[];
}

/** The outcome for one predicate. `not applicable` lets pass, `unknown` does not. */
export interface PredicateVerdict {
  readonly predicate: string;
  readonly outcome: 'passed' | 'failed' | 'not applicable' | 'unknown';
  /** The number that decided; of many classes the worst. */
  readonly value: number | undefined;
  /** Which class was worst, or why there is no number. */
  readonly note: string | undefined;
}

export interface GateVerdict {
  readonly passed: boolean;
  readonly predicates: readonly PredicateVerdict[];
}

function explain(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(GateFile.shape);
    const hints = issue.keys.map((key) => {
      const near = namesNear(key, known, 1);
      return `"${key}"${near.length === 0 ? '' : ` (did you mean ${near[0]}?)`}`;
    });
    return `unknown setting ${hints.join(', ')}; known: ${known.join(', ')}`;
  }
  const at = issue.path.length === 0 ? 'the file' : issue.path.join('.');
  return `${at}: ${issue.message}`;
}

function plainValues(settings: Settings): Record<string, unknown> {
  const plain = (value: unknown): unknown =>
    Array.isArray(value) ? value.map((item: { value: unknown }) => item.value) : value;
  return Object.fromEntries([...settings].map(([name, { value }]) => [name, plain(value)]));
}

function checkSettings(file: string, settings: Settings): GateFile {
  const parsed = GateFile.safeParse(plainValues(settings));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const key = issue!.code === 'unrecognized_keys' ? issue!.keys[0] : issue!.path[0];
  const setting = settings.get(String(key));
  const item = Array.isArray(setting?.value) ? setting.value[Number(issue!.path[1])] : undefined;
  const line = item?.line ?? setting?.line;
  throw new GateInvalidError(file, explain(issue!), line, parsed.error);
}

function parseRequirement(file: string, text: string, line: number | undefined): Predicate {
  try {
    const predicate = parsePredicate(text);
    checkPredicate(predicate);
    return predicate;
  } catch (error) {
    if (error instanceof PredicateError) throw new GateInvalidError(file, error.message, line, error);
    throw error;
  }
}

/**
 * Reads a gate file: YAML of settings and predicates.
 * @throws GateInvalidError with file, line and the nearest name for anything it could not mean.
 */
export function parseGate(text: string, file: string): Gate {
  const settings = parseSettings(file, text);
  const checked = checkSettings(file, settings);
  const items = settings.get('require')?.value;
  const predicates = checked.require.map((requirement, index) =>
    parseRequirement(file, requirement, Array.isArray(items) ? items[index]?.line : undefined),
  );
  return { ...checked, file, text, sha256: digestOf(text), predicates };
}

/** What a gate is asked about. */
export interface GateInput {
  readonly facts: Facts;
  readonly absences: readonly Absence[];
  readonly classNames: readonly string[];
  /** Nobody to compare with: predicates on deltas do not apply (if the gate allows a first version at all). */
  readonly first: boolean;
}

/** How far a value is from its bound on the wrong side: the greatest is the worst. NaN is worst of all. */
function shortfall(value: number, { comparison, bound }: Predicate): number {
  if (Number.isNaN(value)) return Number.POSITIVE_INFINITY;
  if (comparison === '==') return Math.abs(value - bound);
  if (comparison === '!=') return -Math.abs(value - bound);
  return comparison.startsWith('>') ? bound - value : value - bound;
}

function judgePredicate(predicate: Predicate, input: GateInput): PredicateVerdict {
  const found = findFacts(predicate, input.facts, input.absences, input.classNames);
  const missing = found.find(({ value }) => value === undefined);
  if (missing !== undefined) {
    const outcome =
      input.first && isDifference(predicate.path.map(({ text }) => text)) ? 'not applicable' : 'unknown';
    const note = found.length === 1 ? missing.reason : `${missing.path}: ${missing.reason}`;
    return { predicate: predicate.text, outcome, value: undefined, note };
  }
  const [worst] = found
    .map(({ path, value }) => ({ path, value: value! }))
    .sort((a, b) => shortfall(b.value, predicate) - shortfall(a.value, predicate));
  const failing = found.filter(({ value }) => !satisfies(value!, predicate)).length;
  const note = found.length === 1 ? undefined : `worst of ${found.length}: ${worst!.path}; ${failing} fail`;
  const outcome = failing === 0 ? 'passed' : 'failed';
  return { predicate: predicate.text, outcome, value: worst!.value, note };
}

/**
 * Judges every predicate.
 * @throws GateInvalidError for a class that the dataset does not have.
 */
export function judgeGate(gate: Gate, input: GateInput): GateVerdict {
  const predicates = gate.predicates.map((predicate) => {
    try {
      return judgePredicate(predicate, input);
    } catch (error) {
      if (error instanceof PredicateError)
        throw new GateInvalidError(gate.file, error.message, undefined, error);
      throw error;
    }
  });
  if (input.first && gate.firstVersion === 'refuse') {
    const note = 'there is nobody to compare with, and the gate says (or leaves) firstVersion: refuse';
    predicates.unshift({ predicate: 'firstVersion', outcome: 'failed', value: undefined, note });
  }
  const passed = predicates.every(({ outcome }) => outcome === 'passed' || outcome === 'not applicable');
  return { passed, predicates };
}
