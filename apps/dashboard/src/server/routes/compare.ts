import { comparisonMarkdown, comparisonParts, type Tracker } from '@atelier/tracker';
import { Hono } from 'hono';
import { PairQuery, ReportQuery, RunSetQuery, StacksQuery } from '../../api/compare.ts';
import { Comparer } from '../comparison.ts';
import { comparisonHtml } from '../report-html.ts';
import { parsed } from '../request.ts';
import { runSet } from '../run-set.ts';

/** Everything under /api/compare: two runs sample by sample. */
export function compareRoutes(tracker: Tracker) {
  const comparer = new Comparer(tracker);
  return new Hono()
    .get('/', parsed('query', PairQuery), (context) =>
      context.json(comparer.compare(context.req.valid('query'))),
    )
    .get('/runs', parsed('query', RunSetQuery), (context) =>
      context.json(runSet(tracker, context.req.valid('query').runs)),
    )
    .get('/stacks', parsed('query', StacksQuery), (context) =>
      context.json(comparer.stacks(context.req.valid('query'))),
    )
    .get('/report', parsed('query', ReportQuery), (context) => {
      const { format, ...pair } = context.req.valid('query');
      const comparison = comparer.comparison(pair);
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
