import type { Tracker } from '@atelier/tracker';
import { Hono } from 'hono';
import { ConsoleQuery, type ConsoleLines } from '../../api/judgement.ts';
import { RunId, SamplesQuery, SplitQuery } from '../../api/query.ts';
import { calibrate } from '../calibration.ts';
import { evaluate, judge, selectSamples } from '../evaluation.ts';
import { rankClasses } from '../ranking.ts';
import { parsed } from '../request.ts';

/** Under /api/runs: what a run's predictions say, and what it printed. */
export function judgementRoutes(tracker: Tracker) {
  return new Hono()
    .get('/:id/evaluation', parsed('param', RunId), parsed('query', SplitQuery), (context) => {
      const { split } = context.req.valid('query');
      return context.json(evaluate(split, judge(tracker, context.req.valid('param').id, split)));
    })
    .get('/:id/samples', parsed('param', RunId), parsed('query', SamplesQuery), (context) => {
      const query = context.req.valid('query');
      return context.json(selectSamples(judge(tracker, context.req.valid('param').id, query.split), query));
    })
    .get('/:id/calibration', parsed('param', RunId), parsed('query', SplitQuery), (context) =>
      context.json(calibrate(tracker, context.req.valid('param').id, context.req.valid('query').split)),
    )
    .get('/:id/ranking', parsed('param', RunId), parsed('query', SplitQuery), (context) => {
      const { split } = context.req.valid('query');
      return context.json(rankClasses(split, judge(tracker, context.req.valid('param').id, split)));
    })
    .get('/:id/console', parsed('param', RunId), parsed('query', ConsoleQuery), (context) => {
      const { id } = context.req.valid('param');
      tracker.getRun(id);
      const { after } = context.req.valid('query');
      const lines = tracker.console(id, after);
      return context.json({ total: after + lines.length, lines } satisfies ConsoleLines);
    });
}
