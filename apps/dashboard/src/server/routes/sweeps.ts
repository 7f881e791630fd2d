import { openSweeps, type Sweep, type Tracker } from '@atelier/tracker';
import { Hono } from 'hono';
import { AnalysisQuery, ContourQuery, ImportanceQuery, SweepId, type SweepList } from '../../api/sweep.ts';
import { toColumns } from '../../api/sweep-columns.ts';
import { SweepResumeError } from '../../errors.ts';
import { parsed } from '../request.ts';
import { resumeSweep, type StartSweep } from '../sweep-resume.ts';
import { bestOnce, sweepSource } from '../sweep-source.ts';
import { bestTrial, sweepRow } from '../sweep-spec.ts';
import { sweepAnalysis, sweepContour, sweepDetail, sweepImportance } from '../sweeps.ts';
import { writer, type WriteAccess } from '../writing.ts';

/** Everything under /api/sweeps. @param write absent: this server only reads. @param start absent: it starts no sweeps. */
export function sweepRoutes(tracker: Tracker, write?: WriteAccess, start?: StartSweep) {
  const source = sweepSource(tracker);
  const best = bestOnce((sweep: Sweep) => bestTrial(sweep, source.trials(sweep.id)));
  return new Hono()
    .get('/', (context) => {
      const sweeps = source.list().map((sweep) => sweepRow(sweep, best(sweep)));
      return context.json({ sweeps } satisfies SweepList);
    })
    .get('/:id', parsed('param', SweepId), (context) =>
      context.json(
        sweepDetail(source, context.req.valid('param').id, {
          canStop: write !== undefined,
          canResume: write !== undefined && start !== undefined,
        }),
      ),
    )
    .get('/:id/analysis', parsed('param', SweepId), parsed('query', AnalysisQuery), (context) => {
      const { objective, form } = context.req.valid('query');
      const analysis = sweepAnalysis(source, context.req.valid('param').id, objective);
      return form === 'columns' ? context.json(toColumns(analysis)) : context.json(analysis);
    })
    .get('/:id/importance', parsed('param', SweepId), parsed('query', ImportanceQuery), (context) => {
      const { objective, method } = context.req.valid('query');
      return context.json(sweepImportance(source, context.req.valid('param').id, objective, method));
    })
    .get('/:id/contour', parsed('param', SweepId), parsed('query', ContourQuery), (context) =>
      context.json(sweepContour(source, context.req.valid('param').id, context.req.valid('query'))),
    )
    .post('/:id/stop', parsed('param', SweepId), (context) => {
      openSweeps(writer(write)).requestStop(context.req.valid('param').id);
      return context.json({ status: 'stop requested' });
    })
    .post('/:id/resume', parsed('param', SweepId), async (context) => {
      const changed = writer(write);
      if (start === undefined)
        throw new SweepResumeError(
          'SWEEP_NO_COMMAND',
          'this server starts no sweeps: run the command yourself',
        );
      await resumeSweep(changed, start, context.req.valid('param').id);
      return context.json({ status: 'resumed' });
    });
}
