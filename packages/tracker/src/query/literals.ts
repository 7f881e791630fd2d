import { QueryError } from '../errors.ts';
import { RunStatus } from '../schema.ts';
import { nearest } from './fields.ts';
import type { ValueNode } from './parse.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const AMOUNT = /^([+-]?[\d_.]+(?:[eE][+-]?\d+)?)(ms|s|m|h|d|w)?$/;

const WORDS = new Map([
  ['true', 1],
  ['false', 0],
  ['nan', NaN],
  ['inf', Infinity],
  ['infinity', Infinity],
  ['-inf', -Infinity],
]);

/** A number: 0.01, 1_000, true, nan, inf. */
export function toNumber(text: string, node: ValueNode, what: string): number {
  const word = node.kind === 'number' ? undefined : WORDS.get(node.text.toLowerCase());
  if (word !== undefined) return word;
  const [, digits, unit] = AMOUNT.exec(node.text) ?? [];
  if (node.kind === 'number' && digits !== undefined && unit === undefined) {
    return Number(digits.replaceAll('_', ''));
  }
  throw new QueryError(text, node.at, node.end, `${what} is a number; "${node.text}" is none`);
}

/** Seconds: 90, 5m, 2h. */
export function toSeconds(text: string, node: ValueNode, what: string): number {
  const [, digits, unit] = AMOUNT.exec(node.text) ?? [];
  if (node.kind !== 'number' || digits === undefined) return toNumber(text, node, what);
  return (Number(digits.replaceAll('_', '')) * (unit === undefined ? 1000 : UNIT_MS[unit]!)) / 1000;
}

/** Epoch milliseconds: `-7d` (before now), `2026-11-20` (local midnight), "2026-11-20 15:00", epoch milliseconds. */
export function toTime(text: string, node: ValueNode, what: string, now: number): number {
  const [, digits, unit] = AMOUNT.exec(node.text) ?? [];
  if (node.kind === 'number' && digits !== undefined) {
    const amount = Number(digits.replaceAll('_', ''));
    return unit === undefined ? amount : now + amount * UNIT_MS[unit]!;
  }
  if (node.text === 'now') return now;
  // a date without a time is midnight here, not in Greenwich
  const whole = /^\d{4}-\d{2}-\d{2}$/.test(node.text) ? `${node.text}T00:00` : node.text.replace(' ', 'T');
  const time = /^\d{4}-/.test(whole) ? Date.parse(whole) : NaN;
  if (Number.isFinite(time)) return time;
  const reason = `${what} is a time: write "2026-11-20", "2026-11-20 15:00" or -7d (ago), not "${node.text}"`;
  throw new QueryError(text, node.at, node.end, reason);
}

export function toStatus(text: string, node: ValueNode): string {
  const status = node.text.toUpperCase();
  if ((RunStatus.options as readonly string[]).includes(status)) return status;
  const reason = `"${node.text}" is no status: they are ${RunStatus.options.join(', ')}`;
  throw new QueryError(text, node.at, node.end, reason, nearest(node.text, RunStatus.options));
}
