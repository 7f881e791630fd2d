import {
  type Composed,
  composeSweep,
  DEFAULT_RECIPE,
  mergeDrafts,
  ObjectiveModuleInvalid,
  parseDraft,
  type RawSettings,
  readRecipe,
  readSweepFile,
  type SweepDraft,
  SweepInvalid,
  type TaskSource,
  withSetting,
} from '@atelier/train';
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { userPath } from '../terminal/home.ts';
import { filledText, type SettingFlags, settingsFrom } from '../train/run-flags.ts';

/** What commander read from the command line for a sweep. */
export interface SweepFlags extends Omit<SettingFlags, 'recipe' | 'threads' | 'seed'> {
  readonly file?: string;
  readonly recipe?: string;
  readonly objective?: string;
  readonly space: readonly string[];
  readonly constraint: readonly string[];
  readonly sampler?: string;
  readonly seed?: string;
  readonly objectives?: string;
  readonly pruner?: string;
  readonly seeds?: string;
  readonly trials?: string;
  readonly timeLimit?: string;
  readonly gridPoints?: string;
  readonly workers?: string;
  readonly threads?: string;
  readonly retries?: string;
  readonly name?: string;
  readonly acceptChanges?: boolean;
  /** Only of `resume`. */
  readonly retryFailed?: boolean;
  readonly retryTrials?: string;
  readonly lease?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const collect = (value: string, earlier: string[]): string[] => [...earlier, value];

function yaml(flag: string, text: string): unknown {
  try {
    return parseYaml(text);
  } catch {
    throw new SweepInvalid(flag, `expected a YAML value, got "${text}"`);
  }
}

/** `1,2,3` or `3`. */
function listOf(text: string): unknown {
  const numbers = text.split(',').map(Number);
  return numbers.length === 1 ? numbers[0] : numbers;
}

function numberOf(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new SweepInvalid(`--${flag}`, `expected a number, got "${text}"`);
  return value;
}

/** `path=spec` of every `--space`. */
function spaceOf(flags: readonly string[]): Record<string, string> {
  const space = new Map<string, string>();
  for (const text of flags) {
    const equals = text.indexOf('=');
    if (equals < 1)
      throw new SweepInvalid(
        '--space',
        `expected <setting>=<values>, such as optimizer.learningRate=log:1e-4..1e-2, got "${text}"`,
      );
    const [path, values] = [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
    const earlier = space.get(path);
    if (earlier !== undefined)
      throw new SweepInvalid('--space', `${path} is given twice: ${earlier} and ${values}; expected one`);
    space.set(path, values);
  }
  return Object.fromEntries(space);
}

const NUMBERS = ['seed', 'trials', 'gridPoints', 'workers', 'threads', 'retries'] as const;
const TEXTS = ['name', 'recipe', 'objective', 'project', 'objectives', 'timeLimit'] as const;

/** The part of a sweep that flags say. */
function draftOf(flags: SweepFlags): SweepDraft {
  const draft: Record<string, unknown> = {};
  for (const key of TEXTS) if (flags[key] !== undefined) draft[key] = filledText(key, flags[key]);
  for (const key of NUMBERS) if (flags[key] !== undefined) draft[key] = numberOf(key, flags[key]);
  for (const key of ['sampler', 'pruner'] as const)
    if (flags[key] !== undefined) draft[key] = yaml(`--${key}`, flags[key]);
  if (flags.seeds !== undefined) draft['seeds'] = listOf(flags.seeds);
  if (flags.space.length > 0) draft['space'] = spaceOf(flags.space);
  if (flags.constraint.length > 0) draft['constraints'] = flags.constraint;
  return parseDraft(draft, 'flags');
}

/** Where a file names another file, it counts from where the user stands. */
function moduleOf(path: string): TaskSource {
  const module = userPath(path);
  if (!existsSync(module)) throw new ObjectiveModuleInvalid(module, 'no such file');
  return { module };
}

function settingsOf(draft: SweepDraft, flags: SweepFlags): RawSettings {
  const { recipe = DEFAULT_RECIPE, set = {} } = draft;
  let settings = readRecipe(recipe, userPath);
  for (const [path, value] of Object.entries(set)) settings = withSetting(settings, path, value);
  const { set: assignments, epochs, batchSize, engine, precision, dataset, validation, project } = flags;
  const shorts = { epochs, batchSize, engine, precision, dataset, validation, project };
  const given = Object.fromEntries(Object.entries(shorts).filter(([, value]) => value !== undefined));
  return settingsFrom({ ...given, set: assignments, recipe }, settings);
}

function sourceOf(draft: SweepDraft, flags: SweepFlags): TaskSource {
  const { objective, recipe } = draft;
  if (objective === undefined)
    return { recipe: recipe ?? DEFAULT_RECIPE, settings: settingsOf(draft, flags) };
  if (recipe !== undefined)
    throw new SweepInvalid(
      'objective',
      `a sweep has a recipe or an objective module, not both: ${recipe}, ${objective}`,
    );
  return moduleOf(objective);
}

/** The sweep that a file and flags describe, checked. */
export function sweepFrom(flags: SweepFlags): Composed {
  const file = flags.file === undefined ? {} : readSweepFile(userPath(flags.file));
  const draft = mergeDrafts(file, draftOf(flags));
  return composeSweep(draft, sourceOf(draft, flags));
}

/** Whether flags or a file describe a sweep, and do not only say how to carry one out. */
export function describesSweep(flags: SweepFlags): boolean {
  return flags.file !== undefined || flags.space.length > 0;
}

/** Adds what describes a sweep. */
export function withSweepOptions(command: Command): Command {
  return command
    .option('--file <sweep.yaml>', 'the sweep as a file; flags win over it')
    .option('--recipe <name>', 'a checked-in recipe, or the path of a .yaml file (default: seed-cnn)')
    .option('--objective <file.ts>', 'in place of a recipe: a module whose default export is searched')
    .option(
      '--space <setting=values>',
      'a,b,c | 0.2..0.5 | 16..128:16 | log:1e-4..1e-2; may be repeated',
      collect,
      [],
    )
    .option('--constraint <comparison>', 'that every point must meet; may be repeated', collect, [])
    .option(
      '--sampler <kind>',
      'grid, random, sobol, halton, tpe, cma-es, or {kind: tpe, multivariate: true}',
    )
    .option('--objectives <metric:direction,...>', 'what is looked for (default: val/accuracy)')
    .option('--pruner <kind>', 'none, median, percentile, asha, hyperband, patience, or {kind: asha, ...}')
    .option('--trials <n>', 'at most so many')
    .option('--seeds <n>', 'how many seeds every configuration is tried with, or which: 1,2,3')
    .option('--grid-points <n>', 'points that a grid takes from a range without steps')
    .option('--seed <n>', 'of the sampler and the pruner')
    .option('--set <path=value>', 'override any setting of the recipe; may be repeated', collect, [])
    .option('--epochs <n>', 'of every trial')
    .option('--batch-size <n>', 'images a step')
    .option('--engine <name>', 'auto, or one of those `npx atelier engine doctor` lists')
    .option('--precision <name>', 'fp32, or bf16 where the engine has it')
    .option('--dataset <name>', 'a built-in data set, or the path of a descriptor .json')
    .option('--validation <n>', 'images carved out of the training split, or a share below 1')
    .option('--project <name>', 'that the runs belong to')
    .option('--retries <n>', 'how often a failed trial is tried again');
}

/** Adds what says how a sweep is carried out. */
export function withExecutionOptions(command: Command): Command {
  return command
    .option('--workers <n>', 'processes that run trials (default: cores / threads)')
    .option('--threads <n>', 'engine threads of each (default: the cores shared out)')
    .option('--time-limit <time>', 'start no trial after 90s, 30m, 2h')
    .option('--accept-changes', 'go on though the sweep, or the code, is not what it was')
    .option('--lease <seconds>', 'how long a silent scheduler or worker counts as alive (15)')
    .option('--json', 'print the outcome as one JSON object on stdout; progress goes to stderr')
    .option('--quiet', 'print only warnings, errors and what --json asks for');
}
