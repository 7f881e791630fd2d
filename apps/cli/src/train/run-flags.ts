import {
  parseAssignment,
  parseConfig,
  type RawSettings,
  readRecipe,
  SettingInvalid,
  type TrainConfig,
  withSetting,
} from '@atelier/train';
import { parse as parseYaml } from 'yaml';
import { userPath } from '../terminal/home.ts';

/** What commander read from the command line. Values that are settings come as text and are checked as such. */
export interface RunFlags {
  readonly recipe: string;
  readonly set: readonly string[];
  readonly epochs?: string;
  readonly seed?: string;
  readonly batchSize?: string;
  readonly engine?: string;
  readonly threads?: string;
  readonly precision?: string;
  readonly dataset?: string;
  readonly validation?: string;
  readonly project?: string;
  readonly name?: string;
  readonly group?: string;
  readonly tags?: string;
  readonly notes?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Flags that are short for a number setting. */
const NUMBER_FLAGS = {
  epochs: 'epochs',
  seed: 'seed',
  batchSize: 'batchSize',
  threads: 'engine.threads',
  validation: 'data.validation',
} as const;

/** Flags that are short for a text setting. */
const TEXT_FLAGS = {
  engine: 'engine.name',
  precision: 'engine.precision',
  dataset: 'data.dataset',
  project: 'project',
} as const;

function numberFrom(text: string): unknown {
  try {
    return parseYaml(text) as unknown;
  } catch {
    return text;
  }
}

/** A descriptor's path counts from where the user stands; a name stays a name. */
function datasetFrom(text: string): string {
  return text.endsWith('.json') ? userPath(text) : text;
}

/** The flags that decide settings. */
export type SettingFlags = Pick<
  RunFlags,
  'recipe' | 'set' | keyof typeof NUMBER_FLAGS | keyof typeof TEXT_FLAGS
>;

/**
 * The recipe, overridden by flags, overridden by `--set`; unchecked but for the names of settings.
 * @param recipe its settings, where they were read already
 * @throws RecipeUnknown, RecipeInvalid, SettingUnknown, SettingInvalid
 */
export function settingsFrom(flags: SettingFlags, recipe = readRecipe(flags.recipe, userPath)): RawSettings {
  let settings = recipe;
  for (const [flag, path] of Object.entries(NUMBER_FLAGS) as [keyof typeof NUMBER_FLAGS, string][]) {
    const text = flags[flag];
    if (text !== undefined) settings = withSetting(settings, path, numberFrom(text));
  }
  for (const [flag, path] of Object.entries(TEXT_FLAGS) as [keyof typeof TEXT_FLAGS, string][]) {
    const text = flags[flag];
    if (text !== undefined)
      settings = withSetting(settings, path, flag === 'dataset' ? datasetFrom(text) : text);
  }
  for (const assignment of flags.set) settings = withSetting(settings, ...parseAssignment(assignment));
  return settings;
}

/** @throws SettingInvalid for a flag with nothing behind it */
export function filledText(flag: string, text: string): string {
  if (text.trim() !== '') return text;
  throw new SettingInvalid(
    `--${flag}`,
    `expected a text, got "${text}" (leave the flag out for its default)`,
  );
}

/**
 * The configuration that flags ask for.
 * @throws RecipeUnknown, RecipeInvalid, SettingUnknown, SettingInvalid, ModelKindUnknown
 */
export function configFrom(flags: RunFlags): TrainConfig {
  for (const flag of ['name', 'group'] as const) filledText(flag, flags[flag] ?? 'absent');
  return parseConfig(settingsFrom(flags));
}

/** The settings that flags name. */
export function chosenPaths(flags: RunFlags): string[] {
  const shorts = Object.entries(NUMBER_FLAGS).flatMap(([flag, path]) =>
    flags[flag as keyof typeof NUMBER_FLAGS] === undefined ? [] : [path],
  );
  return [...shorts, ...flags.set.map((assignment) => parseAssignment(assignment)[0])];
}

/** `--tags a,b` as a list. */
export function tagsFrom(flags: RunFlags): string[] {
  return (flags.tags ?? '')
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}
