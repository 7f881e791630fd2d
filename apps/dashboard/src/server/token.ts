import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { problem } from './problem.ts';

const COOKIE = 'atelier-token';
const COOKIE_SECONDS = 30 * 24 * 3600;

export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/** Takes the same time wherever they differ. */
function same(typed: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(typed), digest(token));
}

/** Keeps the token in a cookie, and out of the address, history and logs. */
function welcome(context: Context, token: string): Response {
  const url = new URL(context.req.url);
  url.searchParams.delete('token');
  setCookie(context, COOKIE, token, {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    maxAge: COOKIE_SECONDS,
    secure: url.protocol === 'https:',
  });
  // a path that begins with two slashes would name another server
  return context.redirect(url.pathname.replace(/^\/+/, '/') + url.search, 303);
}

/**
 * Lets in who shows the token: once as `?token=` in a page's address (a cookie remembers it), or with every request as
 * `Authorization: Bearer`. The health check is open.
 */
export function tokenCheck(token: string): MiddlewareHandler {
  return async (context, next) => {
    if (context.req.path === '/api/health') return next();
    const asked = context.req.query('token');
    if (asked !== undefined && context.req.method === 'GET' && same(asked, token))
      return welcome(context, token);
    const bearer = /^Bearer (.+)$/.exec(context.req.header('authorization') ?? '')?.[1];
    const shown = bearer ?? getCookie(context, COOKIE);
    if (shown !== undefined && same(shown, token)) return next();
    return problem(
      context,
      'TOKEN_MISSING',
      'this dashboard asks for its token: open the address that `dashboard:serve` printed, or send Authorization: Bearer <token>',
    );
  };
}
