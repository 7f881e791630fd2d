import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Tracker } from '@atelier/tracker';
import type { ModelVersion } from './schema.ts';

/** Images of a judged split, in [0, 1], with what the version's ledger says of each. */
export interface StoredSamples {
  /** `[count, height, width, channels]` */
  readonly shape: readonly [number, number, number, number];
  readonly images: Float32Array;
  readonly predicted: Uint8Array;
}

/** What of a fetched dataset's descriptor leads to its images. */
const Descriptor = z.object({
  format: z.literal('idx'),
  files: z.object({
    train: z.object({ images: z.string(), labels: z.string() }),
    test: z.object({ images: z.string(), labels: z.string() }),
  }),
});

const Trained = z.object({ data: z.object({ dataset: z.string() }) });

/** The data of an IDX file of bytes, without its header; undefined where there is no such file. */
function readIdx(folder: string, name: string): Uint8Array | undefined {
  const file = [name, `${name}.gz`].map((of) => join(folder, of)).find((of) => existsSync(of));
  if (file === undefined) return undefined;
  const raw = readFileSync(file);
  const bytes = raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw;
  if (bytes.readUInt16BE(0) !== 0 || bytes[2] !== 0x08) return undefined;
  return bytes.subarray(4 + 4 * bytes[3]!);
}

function readDescriptor(folder: string): z.output<typeof Descriptor> | undefined {
  try {
    return Descriptor.parse(JSON.parse(readFileSync(join(folder, 'descriptor.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

/**
 * The first images of the split that the version was judged on, if its dataset lies in the home folder and is the one
 * it was judged on (its labels are compared), and its run was trained on that dataset's images as they are.
 */
export function storedSamples(
  tracker: Tracker,
  version: ModelVersion,
  split: string,
  limit: number,
): StoredSamples | undefined {
  const ledger = tracker.predictions(version.runId, { split, checkpoint: version.checkpoint });
  const dataset = ledger && tracker.dataset(ledger.datasetDigest);
  const judged = dataset?.splits[split];
  const trained = Trained.safeParse(tracker.getRun(version.runId).config).data?.data.dataset;
  if (ledger === undefined || judged === undefined || trained !== dataset?.name) return undefined;
  const folder = join(tracker.home, 'datasets', dataset!.name);
  const files = readDescriptor(folder)?.files[split === 'test' ? 'test' : 'train'];
  const images = files && readIdx(folder, files.images);
  const labels = files && readIdx(folder, files.labels);
  if (images === undefined || labels === undefined) return undefined;
  const { height, width, channels } = dataset!.image;
  const size = height * width * channels;
  const indices = judged.indices.subarray(0, limit);
  const same = indices.every((index, at) => labels[index] === judged.labels[at]);
  if (!same || images.length !== labels.length * size) return undefined;
  const scaled = new Float32Array(indices.length * size);
  indices.forEach((index, at) => {
    for (let k = 0; k < size; k++) scaled[at * size + k] = images[index * size + k]! / 255;
  });
  return {
    shape: [indices.length, height, width, channels],
    images: scaled,
    predicted: ledger.predicted.subarray(0, indices.length),
  };
}
