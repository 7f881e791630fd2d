import { fileURLToPath } from 'node:url';
import { serveStatic } from '@hono/node-server/serve-static';
import { EvidenceThread } from '@atelier/registry';
import { QueryProcess, type Tracker } from '@atelier/tracker';
import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { apiRoutes } from './api.ts';
import { cachedDatasets, type DatasetSource } from './images.ts';
import { methodCheck, PAGE } from './methods.ts';
import { errorHandler, problem } from './problem.ts';
import { openApiRoutes } from './routes/openapi.ts';
import { prometheusRoutes } from './routes/prometheus.ts';
import { headers, hostCheck, isLoopback } from './security.ts';
import { tokenCheck } from './token.ts';
import type { StartSweep } from './sweep-resume.ts';
import { sameOrigin, type WriteAccess } from './writing.ts';

/** Where the repository keeps its gates. */
const GATES = fileURLToPath(new URL('../../../../gates', import.meta.url));

/** Bytes: notes are the longest that is sent. */
const LARGEST_BODY = 1_000_000;

export interface AppOptions {
  /** Takes the changes made in the page; absent: this server only reads. */
  readonly write?: WriteAccess;
  /** Carries sweeps on; absent: this server starts none. */
  readonly startSweep?: StartSweep;
  /** Folder of the built page; absent: the API alone. */
  readonly webRoot?: string;
  /** Folder of the gates that the page offers; absent: the repository's own. */
  readonly gates?: string;
  /** Address listened on, for the check of the Host header. */
  readonly host?: string;
  /** What everybody has to show; absent: nobody. */
  readonly token?: string;
  /** Gets what no code of ours explains; the answer itself says no more than that. */
  readonly onFailure?: (error: Error) => void;
}

const limit = bodyLimit({
  maxSize: LARGEST_BODY,
  onError: (context) =>
    problem(context, 'BODY_TOO_LARGE', `a request may carry at most ${LARGEST_BODY / 1e6} MB`),
});

/** Nothing reads the body of a GET, and to look whether there is one costs a third of a short answer. */
const limitedBody: MiddlewareHandler = (context, next) =>
  context.req.method === 'GET' || context.req.method === 'HEAD' ? next() : limit(context, next);

/** How long browsers may keep what is found. */
function kept(how: string): MiddlewareHandler {
  return async (context, next) => {
    await next();
    if (context.res.ok) context.res.headers.set('cache-control', how);
  };
}

/** The dashboard without a port: `app.request('/api/runs')` answers in tests as it does to a browser. */
export function createApp(tracker: Tracker, datasets: DatasetSource, options: AppOptions = {}): Hono {
  const { webRoot, write, startSweep, host = '127.0.0.1', onFailure = () => {} } = options;
  const app = new Hono();
  const images = cachedDatasets(datasets);
  const thread = new EvidenceThread();
  const queries = new QueryProcess();
  let served = 0;
  app.use(headers, hostCheck(host), async (_, next) => {
    served++;
    await next();
  });
  if (options.token !== undefined) app.use(tokenCheck(options.token));
  app.use(methodCheck(app), sameOrigin);
  app.use(limitedBody);
  // on this machine itself it would cost more than it saves
  if (!isLoopback(host)) app.use('/api/*', compress());
  app.onError(errorHandler(onFailure));
  app.notFound((context) => problem(context, 'NOT_FOUND', `there is nothing at ${context.req.path}`));
  app.use('/api/*', async (context, next) => {
    await next();
    if (!context.res.headers.has('cache-control')) context.res.headers.set('cache-control', 'no-store');
  });
  const parts = { tracker, write, images, thread, queries, startSweep, gates: options.gates ?? GATES };
  app.route('/api', apiRoutes(parts));
  app.route(
    '/metrics',
    prometheusRoutes(tracker, () => served),
  );
  app.route(
    '/api/openapi.json',
    openApiRoutes(() => app.routes),
  );
  app.all('/api/*', (context) => context.notFound());
  if (webRoot !== undefined) {
    const files = { root: webRoot, precompressed: true };
    // their names change with what is in them
    app.use('/assets/*', kept('public, max-age=31536000, immutable'), serveStatic(files));
    app.get('/assets/*', (context) => context.notFound());
    // every other path is a view of the page, which reads it itself
    app.get(PAGE, kept('no-cache'), serveStatic({ ...files, path: 'index.html' }));
  }
  return app;
}
