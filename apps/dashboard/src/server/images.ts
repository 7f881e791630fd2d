import { encodePng, type Dataset, type ImageSet } from '@atelier/data';
import type { DatasetRecord } from '@atelier/tracker';
import type { EvaluatedSplit } from '../api/query.ts';
import { NotFoundError } from '../errors.ts';

/** Finds the images of a dataset by its name, as `loadDataset` does. */
export type DatasetSource = (name: string) => Promise<Dataset>;

/** Images across in a sheet; the page counts on it. */
const SHEET_COLUMNS = 12;

/** Validation is carved out of the training images. */
function sourceOf(dataset: Dataset, split: EvaluatedSplit): ImageSet {
  return split === 'test' ? dataset.test : dataset.train;
}

/** Loads each dataset once; a failed load is tried again the next time. */
export function cachedDatasets(load: DatasetSource): DatasetSource {
  const loaded = new Map<string, Promise<Dataset>>();
  return (name) => {
    const known = loaded.get(name);
    if (known !== undefined) return known;
    const loading = load(name);
    loaded.set(name, loading);
    loading.catch(() => loaded.delete(name));
    return loading;
  };
}

function copyTile(
  set: ImageSet,
  position: number,
  sheet: Uint8Array,
  left: number,
  top: number,
  rowBytes: number,
) {
  const line = set.width * set.channels;
  const start = position * set.height * line;
  for (let y = 0; y < set.height; y++) {
    const from = start + y * line;
    sheet.set(set.images.subarray(from, from + line), (top + y) * rowBytes + left * set.channels);
  }
}

/**
 * The images at `positions` of a split as one PNG, {@link SHEET_COLUMNS} across, row by row without gaps.
 * @throws NotFoundError for a position outside the split or images that are not those the run saw.
 */
export function imageSheet(
  record: DatasetRecord,
  dataset: Dataset,
  split: EvaluatedSplit,
  positions: readonly number[],
): Uint8Array {
  const set = sourceOf(dataset, split);
  const indices = record.splits[split]?.indices ?? new Uint32Array();
  const columns = Math.min(SHEET_COLUMNS, positions.length);
  const width = columns * set.width;
  const height = Math.ceil(positions.length / columns) * set.height;
  const pixels = new Uint8Array(width * height * set.channels);
  positions.forEach((position, at) => {
    const index = indices[position];
    if (index === undefined || index >= set.count) {
      throw new NotFoundError('NO_IMAGE', `the ${split} split of ${record.name} has no image ${position}`);
    }
    const left = (at % columns) * set.width;
    const top = Math.floor(at / columns) * set.height;
    copyTile(set, index, pixels, left, top, width * set.channels);
  });
  return encodePng({ width, height, channels: set.channels === 3 ? 3 : 1, pixels });
}
