import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { problem } from './problem.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Nothing from elsewhere: no script, style, image or connection but our own. */
export const headers: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    // WebAssembly of our own may be compiled: models answer in the page. Text is still never run as script.
    scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  referrerPolicy: 'no-referrer',
  xFrameOptions: 'DENY',
  strictTransportSecurity: false,
});

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host.toLowerCase()) || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** The name in a Host header, without the port. */
function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}

/**
 * Refuses requests whose Host is not the address listened on, so that a foreign page whose name was pointed at
 * 127.0.0.1 (DNS rebinding) reads nothing.
 * @param host the address the server was told to listen on.
 */
export function hostCheck(host: string): MiddlewareHandler {
  const bound = host.includes(':') ? `[${host}]` : host.toLowerCase();
  const everyAddress = host === '0.0.0.0' || host === '::';
  return async (context, next) => {
    const asked = hostName(context.req.header('host') ?? new URL(context.req.url).host);
    if (everyAddress || LOOPBACK.has(asked) || asked === bound) return next();
    return problem(context, 'HOST_REFUSED', `this server answers to ${bound} only, not to "${asked}"`);
  };
}
