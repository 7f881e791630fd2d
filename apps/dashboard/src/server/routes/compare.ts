import { comparisonMarkdown, comparisonParts, type EvidenceThread } from '@atelier/registry';
import type { Tracker } from '@atelier/tracker';
import { Hono } from 'hono';
import { PairQuery, ReportQuery, RunSetQuery, StacksQuery } from '../../api/compare.ts';
import { Comparer } from '../comparison.ts';
import { comparisonHtml } from '../report-html.ts';
import { parsed } from '../request.ts';
import { runSet } from '../run-set.ts';

/** Everything under /api/compare: two runs sample by sample. */
export function compareRoutes(tracker: Tracker, thread: EvidenceThread) {
  const comparer = new Comparer(tracker, thread);
  return new Hono()
    .get('/', parsed('query', PairQuery), async (context) =>
      context.json(await comparer.compare(context.req.valid('query'))),
    )
    .get('/runs', parsed('query', RunSetQuery), (context) =>
      context.json(runSet(tracker, context.req.valid('query').runs)),
    )
    .get('/stacks', parsed('query', StacksQuery), async (context) =>
      context.json(await comparer.stacks(context.req.valid('query'))),
    )
    .get('/report', parsed('query', ReportQuery), async (context) => {
      const { format, ...pair } = context.req.valid('query');
      const comparison = await comparer.comparison(pair);
      const text =
        format === 'html'
          ? comparisonHtml(comparison)
          : `${comparisonMarkdown(comparison, comparisonParts(comparison))}\n`;
      return context.body(text, 200, {
        // a download, never a page of this origin
        'content-type': format === 'html' ? 'application/octet-stream' : 'text/markdown; charset=utf-8',
        'content-disposition': `attachment; filename="compare-${pair.a}-${pair.b}.${format}"`,
      });
    });
}
