import { canonicalJson } from '@atelier/base';
import type { Trial } from '../trial.ts';

/** Whether two records are of one trial at one point. Quick, since it runs over the whole history at every suggestion. */
export function sameParameters(a: Trial, b: Trial): boolean {
  if (a === b) return true;
  if (a.number !== b.number) return false;
  if (a.parameters === b.parameters) return true;
  let fields = 0;
  for (const path in a.parameters) {
    const [x, y] = [a.parameters[path], b.parameters[path]];
    if (x !== y && (typeof x !== 'object' || canonicalJson(x) !== canonicalJson(y))) return false;
    fields++;
  }
  return fields === Object.keys(b.parameters).length;
}

/** Whether two records of one trial also have the same outcome: state, values and last report. */
export function sameTrial(a: Trial, b: Trial): boolean {
  if (a === b) return true;
  if (a.state !== b.state || !sameParameters(a, b) || a.values.length !== b.values.length) return false;
  if (!a.values.every((value, i) => Object.is(value, b.values[i]))) return false;
  const [x, y] = [a.reports.at(-1), b.reports.at(-1)];
  return x?.step === y?.step && Object.is(x?.value, y?.value);
}
