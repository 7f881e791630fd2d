import { nearest } from '@atelier/base';
import { MODEL_KINDS, ModelKindUnknown } from '@atelier/model';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { AverageSpec, DEFAULT_DATASET, OptimizerSpec, ScheduleSpec, TrainConfig } from './config.ts';
import { SettingInvalid, SettingUnknown } from './errors.ts';
import { settingPaths } from './setting-paths.ts';

/** A mapping as it came out of YAML. */
export type RawSettings = Record<string, unknown>;

/** Every setting a recipe or `--set` may name. */
export const SETTING_PATHS: readonly string[] = settingPaths(TrainConfig);

function isMapping(value: unknown): value is RawSettings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The settings with one of them replaced; groups that are absent (or null) on the way are made.
 * @throws SettingUnknown with the nearest path
 */
export function withSetting(settings: RawSettings, path: string, value: unknown): RawSettings {
  if (!SETTING_PATHS.includes(path)) throw new SettingUnknown(path, SETTING_PATHS);
  const [head, ...rest] = path.split('.') as [string, ...string[]];
  let at = { ...settings };
  const result = at;
  let key = head;
  for (const next of rest) {
    const group = isMapping(at[key]) ? { ...(at[key] as RawSettings) } : {};
    at[key] = group;
    at = group;
    key = next;
  }
  at[key] = value;
  return result;
}

/**
 * Reads `path=value`, the value as YAML: `optimizer.learningRate=0.002`, `model.filters=[16, 32]`,
 * `earlyStopping=null`.
 * @throws SettingUnknown, SettingInvalid
 */
export function parseAssignment(text: string): [path: string, value: unknown] {
  const equals = text.indexOf('=');
  const path = text.slice(0, equals === -1 ? undefined : equals).trim();
  if (!SETTING_PATHS.includes(path)) throw new SettingUnknown(path, SETTING_PATHS);
  if (equals === -1) throw new SettingInvalid(path, `expected ${path}=value, got "${text}"`);
  try {
    return [path, parseYaml(text.slice(equals + 1))];
  } catch {
    throw new SettingInvalid(path, `expected a YAML value, got "${text.slice(equals + 1)}"`);
  }
}

function valueAt(settings: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], settings);
}

function describe(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

/** What was expected, in zod's words without its labels. */
function expectation(issue: z.core.$ZodIssue): string {
  return issue.message.replace(/^[A-Z][a-z ]+: /, '').replace(/, received .*$/, '');
}

function choiceProblem(value: unknown, choices: readonly string[]): string {
  const guess = typeof value === 'string' ? `; the nearest is "${nearest(value, choices)}"` : '';
  return `expected one of ${choices.join(', ')}, got ${describe(value)}${guess}`;
}

/** The kinds of each setting that has some. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'optimizer.kind': OptimizerSpec.options.map((option) => option.shape.kind.value),
  'schedule.kind': ScheduleSpec.options.map((option) => option.shape.kind.value),
  'average.kind': AverageSpec.options.map((option) => option.shape.kind.value),
};

function settingError(issue: z.core.$ZodIssue, settings: unknown): Error {
  const path = issue.path.join('.');
  const value = valueAt(settings, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = SETTING_PATHS.filter((known) => path === '' || known.startsWith(`${path}.`));
    return new SettingUnknown([...issue.path, issue.keys[0]!].join('.'), known);
  }
  if (path === 'model.kind' && typeof value === 'string') return new ModelKindUnknown(value, MODEL_KINDS);
  const kinds = KINDS[path];
  if (kinds) return new SettingInvalid(path, choiceProblem(value, kinds));
  if (issue.code === 'invalid_value')
    return new SettingInvalid(path, choiceProblem(value, issue.values.map(String)));
  if (issue.code === 'custom') return new SettingInvalid(path, issue.message);
  return new SettingInvalid(path, `${expectation(issue)}, got ${describe(value)}`);
}

/** A data set's name: itself, or what a descriptor's file says; a file that says nothing is found out when it is loaded. */
function datasetName(dataset: string): string {
  if (!dataset.endsWith('.json')) return dataset;
  try {
    const { name } = JSON.parse(readFileSync(dataset, 'utf8')) as { name?: unknown };
    if (typeof name === 'string' && name.trim() !== '') return name;
  } catch {
    // see above
  }
  return basename(dataset, '.json');
}

/** Runs belong to the project of their data set's name, unless another is named. */
function withProject(settings: unknown): unknown {
  if (!isMapping(settings) || settings['project'] !== undefined) return settings;
  const dataset = isMapping(settings['data']) ? settings['data']['dataset'] : undefined;
  return { ...settings, project: datasetName(typeof dataset === 'string' ? dataset : DEFAULT_DATASET) };
}

/**
 * Checks settings and fills in the defaults.
 * @throws SettingUnknown, SettingInvalid, ModelKindUnknown: the first that is wrong, with its path, what was
 * expected and what came
 */
export function parseConfig(settings: unknown): TrainConfig {
  const parsed = TrainConfig.safeParse(withProject(settings));
  if (parsed.success) return parsed.data;
  throw settingError(parsed.error.issues[0]!, settings);
}
