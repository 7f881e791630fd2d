import type { Tracker } from '@atelier/tracker';
import { Hono } from 'hono';
import type { Candidates } from '../../api/try.ts';
import { candidates } from '../try.ts';

/** Everything under /api/try. */
export function tryRoutes(tracker: Tracker) {
  return new Hono().get('/models', (context) =>
    context.json({ candidates: candidates(tracker) } satisfies Candidates),
  );
}
