import { Hono } from 'hono';
import { AnalysisQuery, ContourQuery, ImportanceQuery, SweepId, type SweepList } from '../../api/sweep.ts';
import { ForbiddenError } from '../../errors.ts';
import { parsed } from '../request.ts';
import type { SweepSource, SweepStopper } from '../sweep-source.ts';
import { sweepRow } from '../sweep-spec.ts';
import { sweepAnalysis, sweepContour, sweepDetail, sweepImportance } from '../sweeps.ts';

/** Everything under /api/sweeps. @param stopper absent: this server only reads. */
export function sweepRoutes(source: SweepSource, stopper?: SweepStopper) {
  return new Hono()
    .get('/', (context) => {
      const sweeps = source.list().map((sweep) => sweepRow(sweep, source.trials(sweep.id)));
      return context.json({ sweeps } satisfies SweepList);
    })
    .get('/:id', parsed('param', SweepId), (context) =>
      context.json(sweepDetail(source, context.req.valid('param').id, stopper !== undefined)),
    )
    .get('/:id/analysis', parsed('param', SweepId), parsed('query', AnalysisQuery), (context) => {
      const { objective } = context.req.valid('query');
      return context.json(sweepAnalysis(source, context.req.valid('param').id, objective));
    })
    .get('/:id/importance', parsed('param', SweepId), parsed('query', ImportanceQuery), (context) => {
      const { objective, method } = context.req.valid('query');
      return context.json(sweepImportance(source, context.req.valid('param').id, objective, method));
    })
    .get('/:id/contour', parsed('param', SweepId), parsed('query', ContourQuery), (context) =>
      context.json(sweepContour(source, context.req.valid('param').id, context.req.valid('query'))),
    )
    .post('/:id/stop', parsed('param', SweepId), (context) => {
      if (!stopper) throw new ForbiddenError('READ_ONLY', 'this dashboard was started with --read-only');
      const { id } = context.req.valid('param');
      source.get(id);
      stopper.requestStop(id);
      return context.json({ status: 'stop requested' });
    });
}
