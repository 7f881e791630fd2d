import type { QueryProcess, Tracker } from '@atelier/tracker';
import { Hono } from 'hono';
import { RunId } from '../../api/query.ts';
import {
  CompleteQuery,
  OrderQuery,
  RowsQuery,
  RunChange,
  RunIds,
  SavedView,
  SparklineQuery,
  ViewName,
  type Completion,
  type Done,
  type FieldNames,
  type SavedViews,
} from '../../api/runs.ts';
import { keptOrders, runOrders } from '../kept-orders.ts';
import { parsed } from '../request.ts';
import { csv, families, sparklines, tableRows } from '../run-table.ts';
import { writer, type WriteAccess } from '../writing.ts';

const DONE: Done = { done: true };

/** The run table under /api/runs: order, rows, what may be typed, and what people change of runs. */
export function runTableRoutes(tracker: Tracker, write: WriteAccess | undefined, queries: QueryProcess) {
  const ask = runOrders(tracker, queries);
  const orders = keptOrders(() => tracker.changeCounter(), ask);
  return new Hono()
    .get('/order', parsed('query', OrderQuery), async (context) =>
      context.json(await orders(context.req.valid('query'))),
    )
    .get('/rows', parsed('query', RowsQuery), (context) => {
      const { ids, columns, unknown } = context.req.valid('query');
      if (unknown === 'refuse') tracker.checkFields(columns);
      return context.json(tableRows(tracker, ids, columns));
    })
    .get('/sparklines', parsed('query', SparklineQuery), (context) => {
      const { ids, key } = context.req.valid('query');
      return context.json(sparklines(tracker, ids, key));
    })
    .get('/complete', parsed('query', CompleteQuery), async (context) => {
      const { text, cursor } = context.req.valid('query');
      const { from, to, options } = await queries.complete(tracker.home, text, cursor);
      return context.json({ from, to, options: [...options] } satisfies Completion);
    })
    .get('/fields', (context) => context.json(tracker.fieldNames() satisfies FieldNames))
    .get('/families', (context) => context.json(families(tracker)))
    .get('/table.csv', parsed('query', OrderQuery), async (context) => {
      const { ids } = await ask(context.req.valid('query'));
      const parts = csv(tracker, ids);
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          const next = parts.next();
          if (next.done === true) controller.close();
          else controller.enqueue(new TextEncoder().encode(next.value));
        },
      });
      return context.body(body, 200, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="runs.csv"',
      });
    })
    .patch('/:id', parsed('param', RunId), parsed('json', RunChange), (context) => {
      const { addTags, removeTags, ...notes } = context.req.valid('json');
      writer(write).annotate(context.req.valid('param').id, { add: addTags, remove: removeTags, ...notes });
      return context.json(DONE);
    })
    .post('/trash', parsed('json', RunIds), (context) => {
      writer(write).trash(context.req.valid('json').ids);
      return context.json(DONE);
    })
    .post('/restore', parsed('json', RunIds), (context) => {
      writer(write).restore(context.req.valid('json').ids);
      return context.json(DONE);
    });
}

/** Named views of the run table under /api/views. */
export function viewRoutes(tracker: Tracker, write: WriteAccess | undefined) {
  return new Hono()
    .get('/', (context) =>
      context.json({
        views: tracker.views().map(({ name, query }) => ({ name, query })),
      } satisfies SavedViews),
    )
    .put('/', parsed('json', SavedView), (context) => {
      writer(write).saveView(context.req.valid('json'));
      return context.json(DONE);
    })
    .delete('/:name', parsed('param', ViewName), (context) => {
      writer(write).deleteView(context.req.valid('param').name);
      return context.json(DONE);
    });
}
