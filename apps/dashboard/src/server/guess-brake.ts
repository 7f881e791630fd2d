import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** Wrong guesses in a row that are answered at once, and seconds until another one is. */
const AT_ONCE = 10;
const SECONDS_EACH = 6;
/** Addresses remembered. */
const MOST_KEPT = 10_000;

export interface GuessBrake {
  /** Whole seconds until a token of this visitor is looked at again; 0: now. */
  secondsToWait(context: Context): number;
  /** Counts a wrong one. */
  wrong(context: Context): void;
}

function visitor(context: Context): string {
  // absent where there is no connection, in tests
  const { incoming } = (context.env ?? {}) as Partial<HttpBindings>;
  return incoming?.socket.remoteAddress ?? '';
}

/**
 * Ten wrong guesses at once from one address, then ten a minute: at that pace a token of 16 characters outlasts everybody.
 * @param now seconds, from any moment.
 */
export function guessBrake(now: () => number = () => performance.now() / 1000): GuessBrake {
  /** When each visitor's guesses are all forgotten. */
  const until = new Map<string, number>();
  return {
    secondsToWait(context) {
      const free = (until.get(visitor(context)) ?? 0) - (AT_ONCE - 1) * SECONDS_EACH;
      return Math.max(0, Math.ceil(free - now()));
    },
    wrong(context) {
      const who = visitor(context);
      const next = Math.max(until.get(who) ?? 0, now()) + SECONDS_EACH;
      until.delete(who);
      until.set(who, next);
      if (until.size > MOST_KEPT) until.delete(until.keys().next().value!);
    },
  };
}
