import { ObjectiveInvalid } from './errors.ts';
import type { Failure } from './messages.ts';

/** What came, in words: `nothing`, `null`, `the string "0.75"`, `an object { loss }`, ... */
export function inWords(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return `the string ${JSON.stringify(value.slice(0, 60))}`;
  if (Array.isArray(value)) return `a list of ${value.length}: ${value.slice(0, 4).map(inWords).join(', ')}`;
  if (typeof value === 'object') return `an object { ${Object.keys(value).slice(0, 5).join(', ')} }`;
  return `a ${typeof value}`;
}

/**
 * The values of a trial, one per objective.
 * @param value a number, or as many in a list
 * @throws ObjectiveInvalid for anything else; numbers that are not finite pass, as outcomes
 */
export function valuesFrom(value: unknown, objectives: number): number[] {
  const list: unknown = typeof value === 'number' ? [value] : value;
  const numbers =
    Array.isArray(list) && list.every((each): each is number => typeof each === 'number') ? list : [];
  if (numbers.length === objectives) return [...numbers];
  const wanted = objectives === 1 ? 'a number' : `a list of ${objectives} numbers, one per objective`;
  throw new ObjectiveInvalid(`expected the objective to return ${wanted}, got ${inWords(value)}`);
}

/** @throws ObjectiveInvalid where a report is not of a whole step and a number */
export function checkReport(step: unknown, value: unknown): void {
  if (!Number.isSafeInteger(step) || (step as number) < 0)
    throw new ObjectiveInvalid(`expected report(step, value) with a whole step from 0, got ${inWords(step)}`);
  if (typeof value !== 'number')
    throw new ObjectiveInvalid(`expected report(step, value) with a number as value, got ${inWords(value)}`);
}

/** Whatever was thrown, as it is stored. */
export function failureOf(error: unknown): Failure {
  const { code, message } = Object(error) as Record<string, unknown>;
  const named = typeof code === 'string' ? code : 'UNEXPECTED';
  if (typeof message === 'string')
    return { code: named, message: message === '' ? 'an error without words' : message };
  return { code: named, message: `expected an Error to be thrown, got ${inWords(error)}` };
}
