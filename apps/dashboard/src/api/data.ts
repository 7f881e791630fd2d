import { z } from 'zod';
import { EvaluatedSplit } from './query.ts';

export const DatasetSummary = z.strictObject({
  digest: z.string(),
  name: z.string(),
  runs: z.int(),
  classNames: z.array(z.string()),
  /** Images of each class, by split; `train` only where the images are on this machine. */
  counts: z.record(z.string(), z.array(z.int())),
  image: z.strictObject({ height: z.int(), width: z.int(), channels: z.int() }),
  /** The images are on this machine. */
  hasImages: z.boolean(),
});
export type DatasetSummary = z.output<typeof DatasetSummary>;

export const DatasetList = z.strictObject({ datasets: z.array(DatasetSummary) });
export type DatasetList = z.output<typeof DatasetList>;

/** `missed`: runs that were wrong; `answer`: what they said most often; `probability`: their mean, of it and of the label. */
export const Suspect = z.strictObject({
  index: z.int(),
  label: z.int(),
  answer: z.int(),
  missed: z.int(),
  answerProbability: z.number(),
  labelProbability: z.number(),
});
export type Suspect = z.output<typeof Suspect>;

/** All over the runs that were judged on this split. */
export const DatasetFindings = z.strictObject({
  split: EvaluatedSplit,
  runs: z.int(),
  count: z.int(),
  missed: z.array(Suspect),
  labelErrors: z.array(Suspect),
  labelErrorTotal: z.int(),
  /** Wrong in every run; wrong in at least one. */
  alwaysMissed: z.int(),
  everMissed: z.int(),
  /** Mean probability of class k over the samples labelled k: the thresholds of confident learning. */
  thresholds: z.array(z.number().nullable()),
  /** Positions of samples of each class. */
  samples: z.array(z.array(z.int())),
});
export type DatasetFindings = z.output<typeof DatasetFindings>;

export const DataPath = z.strictObject({ digest: z.string().min(1).max(128) });
export const DataQuery = z.strictObject({
  split: EvaluatedSplit.default('test'),
  limit: z.coerce.number().int().min(1).max(200).default(48),
});
