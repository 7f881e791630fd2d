import type { Tracker } from '@atelier/tracker';
import { Hono } from 'hono';
import { CurveKeysQuery, CurveViewsQuery, type CurveKeys, type CurveViews } from '../../api/curves.ts';
import { CurveViewer } from '../curves/views.ts';
import { parsed } from '../request.ts';

/** Everything under /api/curves: curves of one run or many as they are drawn. */
export function curveRoutes(tracker: Tracker) {
  const viewer = new CurveViewer(tracker);
  return new Hono()
    .get('/', parsed('query', CurveViewsQuery), (context) =>
      context.json(viewer.views(context.req.valid('query')) satisfies CurveViews),
    )
    .get('/keys', parsed('query', CurveKeysQuery), (context) =>
      context.json({ keys: viewer.keys(context.req.valid('query').runs) } satisfies CurveKeys),
    );
}
