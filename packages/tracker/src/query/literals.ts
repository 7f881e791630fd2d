import { QueryError } from '../errors.ts';
import { RunStatus } from '../schema.ts';
import { namesNear } from '@atelier/base';
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

/** A stretch of time: `from` belongs to it, `to` (epoch milliseconds, as `from`) no longer does. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

const WRITTEN =
  /^(\d{4})-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:\d{2})?)?)?$/;

/** Whether the calendar has this day and the clock this time. */
function exists([year, month, day, hour, minute, second]: readonly number[]): boolean {
  const date = new Date(Date.UTC(year!, month! - 1, day));
  const isDay = date.getUTCMonth() === month! - 1 && date.getUTCDate() === day;
  return isDay && hour! < 24 && minute! < 60 && second! < 60;
}

/** Local where no zone is written: midnight here, not in Greenwich. Fields beyond their ends carry over. */
function instant(fields: readonly number[], zone: string | undefined): number {
  const [year, month, day, hour, minute, second, ms] = fields as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (zone === undefined) return new Date(year, month - 1, day, hour, minute, second, ms).getTime();
  const [, sign, hours, minutes] = /^([+-])(\d{2}):(\d{2})$/.exec(zone) ?? [];
  const ahead = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * (sign === '-' ? -60_000 : 60_000);
  return Date.UTC(year, month - 1, day, hour, minute, second, ms) - ahead;
}

/** The month, day, minute, second or millisecond that a text writes out; undefined where the calendar has none. */
function spanOf(text: string): TimeSpan | undefined {
  const found = WRITTEN.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = found;
  const ms = Number((fraction ?? '0').padEnd(3, '0'));
  const fields = [year, month, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0].map(Number);
  if (!exists(fields)) return undefined;
  const unit = [day, hour, second, fraction].findIndex((part) => part === undefined);
  // what the last written field counts: months, days, minutes, seconds, milliseconds
  const at = [1, 2, 4, 5, 6][unit === -1 ? 4 : unit]!;
  const next = [...fields, ms].map((value, place) => (place === at ? value + 1 : value));
  return { from: instant([...fields, ms], zone), to: instant(next, zone) };
}

/**
 * `-7d` (before now), `now` and epoch milliseconds mean a moment; a day, month, minute or second that is written out
 * (`2026-11-20`, `2026-11`, "2026-11-20 15:00") means all of it, in the time zone of this process where none is
 * written (`Z`, `+01:00`).
 */
export function toTime(text: string, node: ValueNode, what: string, now: number): TimeSpan {
  const [, digits, unit] = AMOUNT.exec(node.text) ?? [];
  const moment = (at: number): TimeSpan => ({ from: at, to: at + 1 });
  if (node.kind === 'number' && digits !== undefined) {
    const amount = Number(digits.replaceAll('_', ''));
    return moment(unit === undefined ? amount : now + amount * UNIT_MS[unit]!);
  }
  if (node.text === 'now') return moment(now);
  const span = spanOf(node.text);
  if (span !== undefined) return span;
  const reason = WRITTEN.test(node.text)
    ? `${what} is a time, and "${node.text}" is none: no calendar or clock has it`
    : `${what} is a time: write "2026-11-20", "2026-11-20 15:00" or -7d (ago), not "${node.text}"`;
  throw new QueryError(text, node.at, node.end, reason);
}

export function toStatus(text: string, node: ValueNode): string {
  const status = node.text.toUpperCase();
  if ((RunStatus.options as readonly string[]).includes(status)) return status;
  const reason = `"${node.text}" is no status: they are ${RunStatus.options.join(', ')}`;
  throw new QueryError(text, node.at, node.end, reason, namesNear(node.text, RunStatus.options));
}
