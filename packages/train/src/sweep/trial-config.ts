import type { Parameters, ParameterSpec, SearchSpace } from '@atelier/search';
import { TrainConfig } from '../config.ts';
import { SettingInvalid, SettingUnknown } from '../errors.ts';
import { settingNumbers } from '../setting-paths.ts';
import { parseConfig, SETTING_PATHS, withSetting, type RawSettings } from '../settings.ts';
import type { Candidate } from './candidates.ts';
import { SweepInvalid } from './errors.ts';

/** Where a configuration runs is the sweep's affair. */
const NOT_SEARCHED: Readonly<Record<string, string>> = {
  'engine.threads': 'it changes no result: give --threads',
  checkpointSteps: 'it changes no result',
  project: 'it is the same for a whole sweep: give --project',
};

/** The settings of one trial: the recipe's, the space's, the seed (unless the space sets it). */
export function trialSettings(base: RawSettings, { parameters, seed }: Candidate): RawSettings {
  let settings = withSetting(base, 'seed', seed);
  // a kind first: what else is set belongs to it
  const entries = Object.entries(parameters).sort(([a], [b]) => depth(a) - depth(b) || kindFirst(a, b));
  for (const [path, value] of entries) settings = withSetting(settings, path, value);
  return settings;
}

const depth = (path: string): number => path.split('.').length;
const kindFirst = (a: string, b: string): number => Number(b.endsWith('.kind')) - Number(a.endsWith('.kind'));

/** The configuration of one trial, checked. @throws SettingUnknown, SettingInvalid, ModelKindUnknown */
export function trialConfig(base: RawSettings, candidate: Candidate): TrainConfig {
  return parseConfig(trialSettings(base, candidate));
}

/** @throws SettingInvalid where a whole number is to be drawn from fractions */
function checkWhole(path: string, spec: ParameterSpec): void {
  if (spec.kind !== 'float' || settingNumbers(TrainConfig, path) !== 'whole') return;
  const written = `${spec.low}..${spec.high}${spec.step === undefined ? '' : `:${spec.step}`}`;
  throw new SettingInvalid(
    path,
    `expected whole numbers ({ kind: int }, or ${path}=<low>..<high>), got fractions of ${written}`,
  );
}

function extremes(spec: ParameterSpec): readonly Parameters[string][] {
  return spec.kind === 'choice' ? spec.values : [spec.low, spec.high];
}

/** Values that a condition asks for, the first of each. */
function conditionOf({ when }: ParameterSpec): Record<string, Parameters[string]> {
  return Object.fromEntries(
    Object.entries(when ?? {}).map(([path, value]) => [path, Array.isArray(value) ? value[0]! : value]),
  );
}

function checkPath(path: string): void {
  if (!SETTING_PATHS.includes(path)) throw new SettingUnknown(path, SETTING_PATHS);
  const reason = NOT_SEARCHED[path];
  if (reason !== undefined) throw new SweepInvalid('space', `${path} cannot be searched: ${reason}`);
}

/**
 * Checks that every parameter is a setting, and that the ends of its range (or its values) are values the setting can
 * have. What only fails in company of others is not found here: such a trial fails by itself.
 * @throws SettingUnknown with the nearest setting; SettingInvalid naming the parameter; SweepInvalid
 */
export function checkSettings(base: RawSettings, space: SearchSpace): void {
  for (const path of Object.keys(space.parameters)) checkPath(path);
  for (const [path, spec] of Object.entries(space.parameters)) {
    checkWhole(path, spec);
    for (const value of extremes(spec)) {
      const parameters = { ...conditionOf(spec), [path]: value };
      try {
        trialConfig(base, { parameters, seed: 1 });
      } catch (error) {
        const { setting } = error as { setting?: string };
        if (setting === path || setting?.startsWith(`${path}.`) === true) throw error;
      }
    }
  }
}
