import type { Tracker } from '@atelier/tracker';
import { Hono, type Context } from 'hono';
import { ImagePath, SheetPath, SheetQuery, type EvaluatedSplit } from '../../api/query.ts';
import { NotFoundError } from '../../errors.ts';
import { imageSheet, type DatasetSource } from '../images.ts';
import { parsed } from '../request.ts';

/** A digest names its content, so what was sent once holds for ever. */
const FOR_EVER = 'private, max-age=31536000, immutable';

/** Everything under /api/datasets: the images behind the numbers. */
export function imageRoutes(tracker: Tracker, datasets: DatasetSource) {
  const sheet = async (context: Context, digest: string, split: EvaluatedSplit, positions: number[]) => {
    const record = tracker.dataset(digest);
    if (record === undefined) throw new NotFoundError('DATASET_UNKNOWN', `no run used a dataset ${digest}`);
    const png = imageSheet(record, await datasets(record.name), split, positions);
    return context.body(new Uint8Array(png), 200, { 'content-type': 'image/png', 'cache-control': FOR_EVER });
  };
  return new Hono()
    .get('/:digest/:split/sheet.png', parsed('param', SheetPath), parsed('query', SheetQuery), (context) => {
      const { digest, split } = context.req.valid('param');
      return sheet(context, digest, split, context.req.valid('query').i);
    })
    .get('/:digest/:split/:index', parsed('param', ImagePath), (context) => {
      const { digest, split, index } = context.req.valid('param');
      return sheet(context, digest, split, [index]);
    });
}
