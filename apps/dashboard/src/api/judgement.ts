import { z } from 'zod';
import { EvaluatedSplit } from './query.ts';

/** How far a run's probabilities can be believed, and how well they rank. */
const Share = z.number().min(0).max(1);

const Bin = z.strictObject({
  low: Share,
  high: Share,
  count: z.int(),
  /** Mean confidence and accuracy; null in an empty bin. */
  confidence: Share.nullable(),
  accuracy: Share.nullable(),
  interval: z.strictObject({ low: Share, high: Share }),
});

const Quality = z.strictObject({
  bins: z.array(Bin),
  expectedError: Share,
  adaptiveError: Share,
  maximumError: Share,
  brier: z.number().min(0).max(2),
  loss: z.number().nullable(),
});

export const Calibration = z.strictObject({
  split: EvaluatedSplit,
  count: z.int(),
  asIs: Quality,
  /** With the one temperature fitted on validation; null where the run has no validation ledger. */
  scaled: Quality.nullable(),
  temperature: z.number().nullable(),
});
export type Calibration = z.output<typeof Calibration>;

/** Points of a curve thinned to what a chart shows; both ends are kept. */
const Line = z.strictObject({ x: z.array(Share), y: z.array(Share) });

export const Ranking = z.strictObject({
  split: EvaluatedSplit,
  /** Null where the split has no sample of the class, or only such. */
  classes: z.array(
    z.strictObject({
      name: z.string(),
      rocArea: Share.nullable(),
      averagePrecision: Share.nullable(),
      /** False positive rate against true positive rate. */
      roc: Line.nullable(),
      /** Recall against precision. */
      precisionRecall: Line.nullable(),
    }),
  ),
  macro: z.strictObject({ rocArea: Share.nullable(), averagePrecision: Share.nullable() }),
});
export type Ranking = z.output<typeof Ranking>;

export const ConsoleQuery = z.strictObject({ after: z.coerce.number().int().min(0).default(0) });

export const ConsoleLines = z.strictObject({
  /** Lines so far: what to ask for next time as `after`. */
  total: z.int(),
  lines: z.array(z.strictObject({ at: z.number(), stream: z.enum(['out', 'err']), text: z.string() })),
});
export type ConsoleLines = z.output<typeof ConsoleLines>;
