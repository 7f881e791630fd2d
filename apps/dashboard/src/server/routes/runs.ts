import type { Tracker } from '@atelier/tracker';
import { Hono } from 'hono';
import { ArtifactPath, CurvesQuery, RunId, SamplesQuery, SplitQuery } from '../../api/query.ts';
import { Layers, type Curves } from '../../api/schema.ts';
import { NotFoundError } from '../../errors.ts';
import { evaluate, judge, selectSamples } from '../evaluation.ts';
import { parsed } from '../request.ts';
import { runDetail } from '../runs.ts';

/** Where a run keeps its layer table. */
const LAYER_TABLE = 'layers.json';

function attachment(path: string): string {
  const name = path.split('/').at(-1) ?? 'artifact';
  return `attachment; filename*=UTF-8''${encodeURIComponent(name)}`;
}

/** Everything under /api/runs. */
export function runRoutes(tracker: Tracker) {
  return new Hono()
    .get('/:id', parsed('param', RunId), (context) =>
      context.json(runDetail(tracker, context.req.valid('param').id)),
    )
    .get('/:id/curves', parsed('param', RunId), parsed('query', CurvesQuery), (context) => {
      const { id } = context.req.valid('param');
      tracker.getRun(id);
      const { keys, afterSeq } = context.req.valid('query');
      const { seq, curves } = tracker.curves(id, {
        ...(keys !== undefined && { keys }),
        ...(afterSeq !== undefined && { afterSeq }),
      });
      return context.json({
        seq,
        curves: curves.map(({ key, points }) => ({
          key,
          points: points.map(({ step, epoch, value }) => ({
            step,
            epoch: epoch ?? null,
            value: Number.isFinite(value) ? value : null,
          })),
        })),
      } satisfies Curves);
    })
    .get('/:id/evaluation', parsed('param', RunId), parsed('query', SplitQuery), (context) => {
      const { split } = context.req.valid('query');
      return context.json(evaluate(split, judge(tracker, context.req.valid('param').id, split)));
    })
    .get('/:id/samples', parsed('param', RunId), parsed('query', SamplesQuery), (context) => {
      const query = context.req.valid('query');
      const judged = judge(tracker, context.req.valid('param').id, query.split);
      return context.json(selectSamples(judged, query));
    })
    .get('/:id/layers', parsed('param', RunId), (context) => {
      const { id } = context.req.valid('param');
      if (!tracker.getRun(id).artifacts.some(({ path }) => path === LAYER_TABLE)) {
        throw new NotFoundError('NO_LAYERS', `run ${id} has no layer table (${LAYER_TABLE})`);
      }
      const text = new TextDecoder().decode(tracker.readArtifact(id, LAYER_TABLE));
      return context.json(Layers.parse(JSON.parse(text)));
    })
    .get('/:id/artifacts/:path{.+}', parsed('param', ArtifactPath), (context) => {
      const { id, path } = context.req.valid('param');
      const artifact = tracker.getRun(id).artifacts.find((entry) => entry.path === path);
      if (artifact === undefined) {
        throw new NotFoundError('ARTIFACT_UNKNOWN', `run ${id} has no artifact "${path}"`);
      }
      return context.body(new Uint8Array(tracker.readArtifact(id, path)), 200, {
        // never shown in the page's own origin, whatever it is
        'content-type': 'application/octet-stream',
        'content-disposition': attachment(path),
      });
    });
}
