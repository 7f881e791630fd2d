import {
  loadDataset,
  splitDataset,
  type SplitName,
  type Splits,
  viewed,
  viewsOf,
  ViewsSpec,
} from '@atelier/data';
import { z } from 'zod';
import type { Predictions, Tracker } from '@atelier/tracker';
import type { ModelVersion, SmokeResult } from './schema.ts';

/** Every image of a judged split, with what the version's ledger says of each. */
export interface StoredSamples {
  /** `[views * count, height, width, channels]`: all images seen one way, then all the next. */
  readonly shape: readonly [number, number, number, number];
  /** Whose mean the ledger holds. */
  readonly views: number;
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

/** Views that the run was judged by; older records have none. */
const Judged = z.object({ evaluation: ViewsSpec.nullable().default(null) });

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
  const { config } = tracker.getRun(version.runId);
  const judged = Judged.safeParse(config).data;
  if (judged === undefined) return unavailable('the views it was judged by (evaluation) are not known here');
  const splits = await splitsOf(tracker.home, record.name, config);
  if (typeof splits === 'string') return unavailable(splits);
  if (splits.digest !== ledger.datasetDigest) {
    const [here, there] = [splits.digest, ledger.datasetDigest].map((digest) => digest.slice(0, 12));
    return unavailable(`${record.name} in this home has the digest ${here}, it was judged on ${there}`);
  }
  const { labels, count } = splits[split];
  const recorded = record.splits[split]?.labels;
  if (recorded?.length !== count || recorded.some((label, at) => label !== labels[at]))
    return failed(`the labels recorded of ${split} are not those of the dataset`);
  if (ledger.predicted.length !== count)
    return failed(`its ledger has ${ledger.predicted.length} of ${count} images`);
  const { height, width, channels } = splits.descriptor.image;
  const views = viewsOf(judged.evaluation);
  const images = Buffer.concat(views.map((view) => viewed(splits[split], view).source.images));
  return { shape: [views.length * count, height, width, channels], views: views.length, images, ledger };
}
