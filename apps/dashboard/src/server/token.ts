import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { TokenError } from '../errors.ts';
import { guessBrake } from './guess-brake.ts';
import { problem } from './problem.ts';

const COOKIE_SECONDS = 30 * 24 * 3600;
/** Characters: what a person makes up in fewer is guessed. */
const SHORTEST = 16;

export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/** @param from where it comes from, for the message. @throws TokenError */
export function checkedToken(text: string, from: string): string {
  const token = text.trim();
  if (token.length >= SHORTEST && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new TokenError(from, SHORTEST, token.length);
}

/** The token in a file; a file that is not there is made, with a new token that only this user may read. @throws TokenError */
export function tokenFile(file: string): string {
  try {
    const made = openSync(file, 'wx', 0o600);
    const token = newToken();
    writeSync(made, `${token}\n`);
    closeSync(made);
    return token;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return checkedToken(readFileSync(file, 'utf8'), file);
  }
}

/** Takes the same time wherever they differ. */
function same(typed: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(typed), digest(token));
}

/** Servers on other ports of this machine share a browser's cookies: each has its own. */
function cookieName(context: Context): string {
  const host = context.req.header('host') ?? new URL(context.req.url).host;
  return `atelier-token-${/:(\d+)$/.exec(host)?.[1] ?? '80'}`;
}

/** What the cookie holds: nobody can make one without the token, and nobody can read the token off it. */
function pass(token: string): string {
  return createHmac('sha256', token).update('atelier dashboard cookie').digest('base64url');
}

/** Remembers who showed the token, and keeps it out of the address, history and logs. */
function welcome(context: Context, token: string): Response {
  const url = new URL(context.req.url);
  url.searchParams.delete('token');
  setCookie(context, cookieName(context), pass(token), {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    maxAge: COOKIE_SECONDS,
    secure: url.protocol === 'https:',
  });
  // a path that begins with two slashes would name another server
  return context.redirect(url.pathname.replace(/^\/+/, '/') + url.search, 303);
}

/** The token as it is shown, which may be a guess: in a page's address, or with every request. */
function shownBy(context: Context): { token: string; isAddress: boolean } | undefined {
  const bearer = /^Bearer (.+)$/.exec(context.req.header('authorization') ?? '')?.[1];
  if (bearer !== undefined) return { token: bearer, isAddress: false };
  const token = context.req.method === 'GET' ? context.req.query('token') : undefined;
  return token === undefined ? undefined : { token, isAddress: true };
}

/**
 * Lets in who shows the token: once as `?token=` in a page's address (a cookie remembers it), or with every request as
 * `Authorization: Bearer`. Wrong guesses are braked; a cookie is no guess, so pages that are open go on. The health check
 * is open.
 */
export function tokenCheck(token: string): MiddlewareHandler {
  const brake = guessBrake();
  const cookie = pass(token);
  return async (context, next) => {
    if (context.req.path === '/api/health') return next();
    const shown = shownBy(context);
    if (shown !== undefined) {
      const wait = brake.secondsToWait(context);
      if (wait > 0) {
        context.header('retry-after', String(wait));
        return problem(context, 'TOO_MANY_GUESSES', `too many wrong tokens: try again in ${wait} s`);
      }
      if (same(shown.token, token)) return shown.isAddress ? welcome(context, token) : next();
      brake.wrong(context);
    }
    const kept = getCookie(context, cookieName(context));
    if (shown === undefined && kept !== undefined && same(kept, cookie)) return next();
    return problem(
      context,
      'TOKEN_MISSING',
      'this dashboard asks for its token: open the address that `dashboard:serve` printed, or send Authorization: Bearer <token>',
    );
  };
}
