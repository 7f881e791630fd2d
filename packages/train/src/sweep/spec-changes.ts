import { canonicalJson } from '@atelier/base';
import type { SpecChange } from './errors.ts';
import { EXECUTION_PATHS, type SweepSpec } from './spec.ts';

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parameters are named by dotted paths of their own, which are kept whole. */
function differences(before: unknown, now: unknown, path: string): SpecChange[] {
  if (canonicalJson(before ?? null) === canonicalJson(now ?? null)) return [];
  if (!isBranch(before) || !isBranch(now)) return [{ path, before, now }];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return keys.flatMap((key) => differences(before[key], now[key], path === '' ? key : `${path}.${key}`));
}

/** What may change without a word: how a sweep is carried out, and how many trials it may have. */
const FREE_PATHS = [...EXECUTION_PATHS, 'trials'];

/** What differs between two sweeps, but for how they are carried out and how many trials they may have. */
export function specChanges(before: SweepSpec, now: SweepSpec): SpecChange[] {
  return differences(before, now, '').filter(({ path }) => !FREE_PATHS.includes(path));
}
