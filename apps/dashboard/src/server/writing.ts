import type { Tracker } from '@atelier/tracker';
import type { MiddlewareHandler } from 'hono';
import { ForbiddenError } from '../errors.ts';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

/**
 * Refuses what would change something unless the page itself asks for it: a foreign page can send a form across origins, but
 * neither JSON nor a matching Origin.
 */
export const sameOrigin: MiddlewareHandler = async (context, next) => {
  if (READING.has(context.req.method)) return next();
  const origin = context.req.header('origin');
  const host = context.req.header('host') ?? new URL(context.req.url).host;
  if (origin !== undefined && hostOf(origin) !== host) {
    throw new ForbiddenError('CROSS_ORIGIN', `a page of ${origin} may not change anything here`);
  }
  const type = context.req.header('content-type')?.split(';')[0]?.trim();
  if (type !== 'application/json') {
    throw new ForbiddenError(
      'CROSS_ORIGIN',
      `changes are sent as application/json, not as ${type ?? 'nothing'}`,
    );
  }
  return next();
};

/** Opens the tracker that takes changes, when the first one comes: a dashboard that is only read makes no store. */
export type WriteAccess = () => Tracker;

/** The tracker that changes go to. @throws ForbiddenError where this server only reads. */
export function writer(write: WriteAccess | undefined): Tracker {
  if (write === undefined)
    throw new ForbiddenError('READ_ONLY', 'this dashboard was started with --read-only');
  return write();
}
