import { nearest } from '@atelier/base';
import { Objective, ParameterSpec, parseParameter, type SearchSpace } from '@atelier/search';
import { existsSync, readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { SweepInvalid } from './errors.ts';
import { parseObjective } from './objectives.ts';

const Json = z.json();
const Kinded = z.union([z.string(), z.looseObject({ kind: z.string() })]);

/** A sweep as people write it, in a file or by flags; everything may be left out. */
export const SweepDraft = z.strictObject({
  name: z.string().optional(),
  project: z.string().optional(),
  /** A checked-in recipe or the path of a .yaml file. */
  recipe: z.string().optional(),
  /** The path of a module whose default export is the objective. */
  objective: z.string().optional(),
  /** Settings of the recipe to override, by dotted path. */
  set: z.record(z.string(), Json).optional(),
  /** By dotted path: `0.2..0.5`, `16..128:16`, `log:1e-4..1e-2`, a list of values, or a mapping with a kind. */
  space: z.record(z.string(), Json).optional(),
  constraints: z.array(z.string()).optional(),
  /** A kind, or a mapping with one. */
  sampler: Kinded.optional(),
  seed: z.number().optional(),
  /** `val/accuracy`, `val/accuracy:maximize`, or mappings. */
  objectives: z.union([z.string(), z.array(z.union([z.string(), Objective]))]).optional(),
  pruner: Kinded.optional(),
  /** How many (1 to n), or which. */
  seeds: z.union([z.number(), z.array(z.number())]).optional(),
  trials: z.number().optional(),
  /** Seconds, or `90s`, `30m`, `2h`. */
  timeLimit: z.union([z.number(), z.string()]).optional(),
  /** Points that a grid takes from a range without steps. */
  gridPoints: z.number().optional(),
  workers: z.number().optional(),
  threads: z.number().optional(),
  retries: z.number().optional(),
});
export type SweepDraft = z.output<typeof SweepDraft>;

const KEYS = Object.keys(SweepDraft.shape);

/**
 * Checks what came out of a file or of flags.
 * @param where named in errors
 * @throws SweepInvalid with the nearest key
 */
export function parseDraft(value: unknown, where: string): SweepDraft {
  const parsed = SweepDraft.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!;
    throw new SweepInvalid(where, `nothing is called "${key}"; the nearest is "${nearest(key, KEYS)}"`);
  }
  const path = issue.path.join('.');
  throw new SweepInvalid(where, path === '' ? 'expected a mapping' : `${path}: ${issue.message}`);
}

/** Reads a sweep file. @throws SweepInvalid naming it */
export function readSweepFile(path: string): SweepDraft {
  if (!existsSync(path)) throw new SweepInvalid(path, 'no such file');
  let value: unknown;
  try {
    value = parseYaml(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new SweepInvalid(path, `is not YAML: ${(cause as Error).message.split('\n')[0]}`, { cause });
  }
  return parseDraft(value, path);
}

/** `second` wins; spaces and settings are joined. */
export function mergeDrafts(first: SweepDraft, second: SweepDraft): SweepDraft {
  const merged = { ...first, ...second };
  if (first.space ?? second.space) merged.space = { ...first.space, ...second.space };
  if (first.set ?? second.set) merged.set = { ...first.set, ...second.set };
  return merged;
}

/** Which numbers a parameter takes, where that is known. */
export type NumbersOf = (path: string) => 'whole' | 'real' | undefined;

function parameterFrom(path: string, written: z.output<typeof Json>, numbersOf: NumbersOf): ParameterSpec {
  if (typeof written === 'string') return parseParameter(path, written, numbersOf(path));
  if (Array.isArray(written)) return ParameterSpec.parse({ kind: 'choice', values: written });
  if (typeof written !== 'object' || written === null) return { kind: 'choice', values: [written] };
  const parsed = ParameterSpec.safeParse(written);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new SweepInvalid(`space: ${path}`, `${[...issue.path, issue.message].join(': ')}`);
}

/** @throws SweepInvalid; what parseParameter throws */
export function spaceFrom({ space = {}, constraints = [] }: SweepDraft, numbersOf: NumbersOf): SearchSpace {
  if (Object.keys(space).length === 0)
    throw new SweepInvalid(
      'space',
      'it is empty: name what to try with --space <setting>=<values>, such as --space optimizer.learningRate=log:1e-4..1e-2',
    );
  const entries = Object.entries(space).map(
    ([path, written]) => [path, parameterFrom(path, written, numbersOf)] as const,
  );
  return { parameters: Object.fromEntries(entries), constraints };
}

export function objectivesFrom({ objectives }: SweepDraft, fallback: Objective): Objective[] {
  if (objectives === undefined) return [fallback];
  const list = typeof objectives === 'string' ? objectives.split(',') : objectives;
  return list.map((one) => (typeof one === 'string' ? parseObjective(one) : one));
}

/** A kind by name, or with its settings. @throws SweepInvalid with the nearest kind, or naming the setting */
export function kindedFrom<Schema extends z.ZodType>(
  what: 'sampler' | 'pruner',
  written: z.output<typeof Kinded>,
  schema: Schema,
  kinds: readonly string[],
): z.output<Schema> {
  const value = typeof written === 'string' ? { kind: written } : written;
  if (!kinds.includes(value.kind))
    throw new SweepInvalid(
      what,
      `no ${what} "${value.kind}"; the nearest is "${nearest(value.kind, kinds)}" (known: ${kinds.join(', ')})`,
    );
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new SweepInvalid(what, `${value.kind}: ${[...issue.path, issue.message].join(': ')}`);
}

export function seedsFrom(seeds: SweepDraft['seeds'], fallback: number): number[] {
  if (seeds === undefined) return [fallback];
  if (typeof seeds !== 'number') return seeds;
  if (!Number.isInteger(seeds) || seeds < 1)
    throw new SweepInvalid('seeds', `expected a whole number from 1, or a list, got ${seeds}`);
  return Array.from({ length: seeds }, (_, i) => i + 1);
}

const SECONDS = { s: 1, m: 60, h: 3600 } as const;

/** Seconds. @throws SweepInvalid */
export function timeLimitFrom(written: number | string | undefined): number | null {
  if (written === undefined) return null;
  const [, number, unit = 's'] = /^\s*(\d+(?:\.\d+)?)\s*([smh])?\s*$/.exec(String(written)) ?? [];
  const seconds = Number(number) * SECONDS[unit as keyof typeof SECONDS];
  if (seconds > 0) return seconds;
  throw new SweepInvalid('timeLimit', `expected seconds, or 90s, 30m, 2h, got "${written}"`);
}
