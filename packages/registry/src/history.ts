import type { Database } from 'better-sqlite3';
import { holderOf } from './aliases.ts';
import { readEvents } from './chain.ts';
import { RegistryInputError } from './errors.ts';
import type { RegistryEvent } from './schema.ts';
import { findModel } from './versions.ts';

/** A moment, or a whole day of local time. */
export interface Span {
  /** Epoch milliseconds, both ends included. */
  readonly from: number;
  readonly until: number;
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/**
 * Reads `2026-11-20` as that day of local time, `2026-11-20T14:30` as that moment (with `Z` or an offset: of that zone).
 * @throws RegistryInputError
 */
export function parseSpan(text: string): Span {
  const day = DAY.exec(text);
  if (day !== null) {
    const [year, month, date] = [Number(day[1]), Number(day[2]) - 1, Number(day[3])];
    const from = new Date(year, month, date);
    if (from.getMonth() === month && from.getDate() === date) {
      return { from: from.getTime(), until: new Date(year, month, date + 1).getTime() - 1 };
    }
  }
  const moment = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text)
    ? Date.parse(text.replace(' ', 'T'))
    : Number.NaN;
  if (Number.isNaN(moment)) {
    throw new RegistryInputError(
      `"${text}" is no time: expected a day, as 2026-11-20, or a moment, as 2026-11-20T14:30`,
    );
  }
  return { from: moment, until: moment };
}

/** Who held an alias: at the beginning of the span, at its end, and what happened between. */
export interface Holding {
  readonly model: string;
  readonly alias: string;
  readonly atBeginning: number | undefined;
  readonly atEnd: number | undefined;
  readonly moves: readonly RegistryEvent[];
}

/** Each alias's holder in a span of time, of one model or of all. Aliases that named nothing yet are left out. */
export function holdingsAt(
  database: Database,
  span: Span,
  of: { model?: string | undefined; alias?: string | undefined },
): Holding[] {
  if (of.model !== undefined) findModel(database, of.model);
  const moves = readEvents(database, { ...of, until: span.until }).filter(({ alias }) => alias !== undefined);
  const keys = new Map(
    moves.map(({ model, alias }) => [JSON.stringify([model, alias]), { model, alias: alias! }]),
  );
  return [...keys.values()].map(({ model, alias }) => ({
    model,
    alias,
    atBeginning: holderOf(database, model, alias, span.from - 1),
    atEnd: holderOf(database, model, alias, span.until),
    moves: moves.filter((event) => event.model === model && event.alias === alias && event.at >= span.from),
  }));
}
