import type { Hono, MiddlewareHandler } from 'hono';
import { problem } from './problem.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** The page itself, which is at every address that is nothing else. */
export const PAGE = '/*';

/** Methods of the paths without parameters: `/api/runs/trash` is none of `/api/runs/:id`. */
function literalPaths(app: Hono): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { method, path } of app.routes) {
    if (method === 'ALL' || /[:*]/.test(path)) continue;
    found.set(path, (found.get(path) ?? new Set()).add(method));
  }
  return found;
}

/** Whether the app has a handler for just this: what stands under every method guards others. */
function matches(app: Hono, method: string, path: string): boolean {
  const [found] = app.router.match(method, path);
  const isPage = !path.startsWith('/api/');
  return found.some(([[, route]]) => route.method === method && (isPage || route.path !== PAGE));
}

/**
 * A method that a path does not declare is answered with 405 and those that it does; OPTIONS with the same list, and nothing
 * about other origins, which have no business here. HEAD is GET without its body.
 */
export function methodCheck(app: Hono): MiddlewareHandler {
  let literal: Map<string, Set<string>> | undefined;
  const takes = (method: string, path: string): boolean =>
    (literal ??= literalPaths(app)).get(path)?.has(method) ?? matches(app, method, path);
  return async (context, next) => {
    const { method, path } = context.req;
    if (takes(method === 'HEAD' ? 'GET' : method, path)) return next();
    const methods: string[] = METHODS.filter((one) => takes(one, path));
    if (methods.length === 0) return next();
    const all = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
    context.header('allow', all);
    if (method === 'OPTIONS') return context.body(null, 204);
    const message = `${path} takes ${all}, not ${method}`;
    return problem(context, 'METHOD_NOT_ALLOWED', message);
  };
}
