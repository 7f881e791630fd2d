import type { Tracker } from '@atelier/tracker';
import { Hono } from 'hono';
import { CurveViewsQuery, type CurveViews } from '../../api/curves.ts';
import { CurveSource } from '../curves.ts';
import { parsed } from '../request.ts';

/** GET /api/curves: curves of one run or many, as fine as a chart is wide. */
export function curveRoutes(tracker: Tracker) {
  const source = new CurveSource(tracker);
  return new Hono().get('/', parsed('query', CurveViewsQuery), (context) =>
    context.json(source.views(context.req.valid('query')) satisfies CurveViews),
  );
}
