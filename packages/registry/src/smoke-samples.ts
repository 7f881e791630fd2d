import { imageSize, loadDataset, splitDataset, type Split, type SplitName, type Splits } from '@atelier/data';
import { z } from 'zod';
import type { Predictions, Tracker } from '@atelier/tracker';
import type { ModelVersion, SmokeResult } from './schema.ts';

/** Every image of a judged split as it lies in the dataset, with what the version's ledger says of each. */
export interface StoredSamples {
  /** `[count, height, width, channels]` */
  readonly shape: readonly [number, number, number, number];
  /** uint8; models are asked them in [0, 1]. */
  readonly images: Uint8Array;
  readonly ledger: Predictions;
}

export function failed(detail: string): SmokeResult {
  return { status: 'failed', detail };
}

export function unavailable(detail: string): SmokeResult {
  return { status: 'unavailable', detail };
}

/** How the run's data was split: what its dataset's digest depends on beside the images. */
const Trained = z.object({
  data: z.object({ validation: z.custom<number>((value) => value !== undefined), splitSeed: z.number() }),
});

/** @param name of a dataset of the home folder, never a path: records come from anywhere. */
async function splitsOf(home: string, name: string, config: unknown): Promise<Splits | string> {
  const trained = Trained.safeParse(config).data;
  if (trained === undefined)
    return 'the configuration of its run does not say how the data was split (data.validation, data.splitSeed)';
  if (/[/\\]|\.json$/.test(name)) return `"${name}" is no name of a dataset`;
  const { validation, splitSeed: seed } = trained.data;
  try {
    return splitDataset(await loadDataset(name, { home }), { validation, seed });
  } catch (error) {
    return `its dataset cannot be read here: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function gatherImages({ source, indices, count }: Split): Uint8Array {
  const size = imageSize(source);
  const images = new Uint8Array(count * size);
  indices.forEach((index, at) =>
    images.set(source.images.subarray(index * size, (index + 1) * size), at * size),
  );
  return images;
}

/**
 * The images of the split that the version was judged on, from the dataset in the home folder, which has to be the one
 * it was judged on by its digest: images, labels, class names and split.
 * @returns why not in words, where they cannot be had, or where what was recorded of them is not so.
 */
export async function storedSamples(
  tracker: Tracker,
  version: ModelVersion,
  split: SplitName,
): Promise<StoredSamples | SmokeResult> {
  const ledger = tracker.predictions(version.runId, { split, checkpoint: version.checkpoint });
  if (ledger === undefined) return unavailable(`its run has no ledger of ${split}`);
  const record = tracker.dataset(ledger.datasetDigest);
  if (record === undefined) return unavailable('its dataset was not recorded');
  const splits = await splitsOf(tracker.home, record.name, tracker.getRun(version.runId).config);
  if (typeof splits === 'string') return unavailable(splits);
  if (splits.digest !== ledger.datasetDigest) {
    const [here, judged] = [splits.digest, ledger.datasetDigest].map((digest) => digest.slice(0, 12));
    return unavailable(`${record.name} in this home has the digest ${here}, it was judged on ${judged}`);
  }
  const { labels, count } = splits[split];
  const recorded = record.splits[split]?.labels;
  if (recorded?.length !== count || recorded.some((label, at) => label !== labels[at]))
    return failed(`the labels recorded of ${split} are not those of the dataset`);
  if (ledger.predicted.length !== count)
    return failed(`its ledger has ${ledger.predicted.length} of ${count} images`);
  const { height, width, channels } = splits.descriptor.image;
  return { shape: [count, height, width, channels], images: gatherImages(splits[split]), ledger };
}
