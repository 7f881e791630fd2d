import type { Parameters } from './trial.ts';

/**
 * JSON with the keys of every object in code-unit order and no white space: equal values have equal text. Numbers are written as
 * JavaScript does, so 1 and 1.0 are one value.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(Object.is(value, -0) ? 0 : value);
  const fields = Object.entries(value as Record<string, unknown>)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`);
  return `{${fields.join(',')}}`;
}

/** The identity of a point: two sets of parameters are the same point where these are equal. */
export function canonicalPoint(parameters: Parameters): string {
  return canonicalJson(parameters);
}
