import { z } from 'zod';

/** How far a run's probabilities can be believed, and how well they rank. */
const Value = z.number().nullable();

export const CalibrationBin = z.strictObject({
  low: z.number(),
  high: z.number(),
  count: z.int(),
  /** Mean confidence, share that is right and its 95 % interval; null in an empty bin. */
  confidence: Value,
  accuracy: Value,
  interval: z.tuple([Value, Value]),
});
export type CalibrationBin = z.output<typeof CalibrationBin>;

export const Calibration = z.strictObject({
  /** 15 bins of equal width (Guo et al. 2017). */
  bins: z.array(CalibrationBin),
  ece: Value,
  mce: Value,
  /** Over bins of equal count (Nixon et al. 2019). */
  adaptiveEce: Value,
  /** 0 to 2. */
  brier: Value,
  /**
   * Fitted on `on`: the validation ledger of the same checkpoint where there is one. ECE and Brier score of this split
   * with it applied. Null where it could not be fitted.
   */
  temperature: z
    .strictObject({ value: z.number(), on: z.string(), ece: Value, brier: Value, loss: Value })
    .nullable(),
});
export type Calibration = z.output<typeof Calibration>;

/** A curve thinned to what can be seen: within 1/400 of the exact one. */
const Points = z.array(z.tuple([z.number(), z.number()]));

export const ClassQuality = z.strictObject({
  /** Null where the class has no samples, or all of them. */
  rocArea: Value,
  averagePrecision: Value,
  /** False positive rate, true positive rate. */
  roc: Points,
  /** Recall, precision. */
  precisionRecall: Points,
});
export type ClassQuality = z.output<typeof ClassQuality>;

export const Quality = z.strictObject({
  calibration: Calibration,
  perClass: z.array(ClassQuality),
  macro: z.strictObject({ rocArea: Value, averagePrecision: Value }),
  micro: z.strictObject({ rocArea: Value, averagePrecision: Value }),
});
export type Quality = z.output<typeof Quality>;
