import { canonicalJson } from '@atelier/base';
import { createHash } from 'node:crypto';

/** What canonical JSON is made of. NaN and infinities are written as the strings "NaN", "Infinity", "-Infinity". */
export type Canonical =
  null | boolean | number | string | readonly Canonical[] | { readonly [key: string]: Canonical | undefined };

/** SHA-256 of a text's UTF-8 bytes, in hex. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The first place where two values differ. */
export interface Difference {
  /** `a.b[2]`; empty where the values differ as a whole. */
  readonly path: string;
  readonly stored: string;
  readonly found: string;
}

function brief(value: Canonical | undefined): string {
  const text = value === undefined ? 'nothing' : canonicalJson(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Floating point on another version of Node may differ in the last digits, never in more. */
const RELATIVE_TOLERANCE = 1e-9;

function sameNumber(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= RELATIVE_TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b));
}

function children(value: object): [key: string, child: Canonical | undefined][] {
  return Object.entries(value as Record<string, Canonical>);
}

/** Compares parsed JSON; numbers within 1e-9 (relative above 1) count as equal. */
export function firstDifference(
  stored: Canonical | undefined,
  found: Canonical | undefined,
  path = '',
): Difference | undefined {
  const isBranch = (value: unknown): value is object => typeof value === 'object' && value !== null;
  if (isBranch(stored) && isBranch(found) && Array.isArray(stored) === Array.isArray(found)) {
    const right = new Map(children(found));
    const keys = new Set([...children(stored).map(([key]) => key), ...right.keys()]);
    const left = new Map(children(stored));
    for (const key of keys) {
      const at = Array.isArray(stored) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
      const difference = firstDifference(left.get(key), right.get(key), at);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  const equal =
    typeof stored === 'number' && typeof found === 'number' ? sameNumber(stored, found) : stored === found;
  return equal ? undefined : { path, stored: brief(stored), found: brief(found) };
}
