import type { Tracker } from '@atelier/tracker';
import { Hono } from 'hono';
import { DataPath, DataQuery, type DatasetList } from '../../api/data.ts';
import { datasetRecord, findingsOf, listDatasets, meanImages, tallies } from '../data.ts';
import type { DatasetSource } from '../images.ts';
import { parsed } from '../request.ts';

/** Everything under /api/data: what the data is like, and what all runs together make of it. */
export function dataRoutes(tracker: Tracker, datasets: DatasetSource) {
  const tallyOf = tallies(tracker);
  return new Hono()
    .get('/', async (context) =>
      context.json({ datasets: await listDatasets(tracker, datasets) } satisfies DatasetList),
    )
    .get('/:digest', parsed('param', DataPath), parsed('query', DataQuery), async (context) => {
      const { split, limit } = context.req.valid('query');
      const record = datasetRecord(tracker, context.req.valid('param').digest, split);
      return context.json(findingsOf(split, await tallyOf(record, split), limit));
    })
    .get('/:digest/mean.png', parsed('param', DataPath), parsed('query', DataQuery), async (context) => {
      const { split } = context.req.valid('query');
      const record = datasetRecord(tracker, context.req.valid('param').digest, split);
      const png = meanImages(record, await datasets(record.name), split);
      return context.body(new Uint8Array(png), 200, {
        'content-type': 'image/png',
        'cache-control': 'private, max-age=31536000, immutable',
      });
    });
}
