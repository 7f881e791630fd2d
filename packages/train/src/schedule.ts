import type { ScheduleSpec } from './config.ts';

/** Where a step stands: steps count from 1. */
export interface Progress {
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
}

type Factors = {
  readonly [Kind in ScheduleSpec['kind']]: (
    spec: Extract<ScheduleSpec, { kind: Kind }>,
    progress: Progress,
  ) => number;
};

/** From `start` to `end` along half a cosine, as `part` goes from 0 to 1. */
function cosine(start: number, end: number, part: number): number {
  return end + ((start - end) * (1 + Math.cos(Math.PI * Math.min(Math.max(part, 0), 1)))) / 2;
}

/** Every schedule by its kind. */
const FACTORS: Factors = {
  constant: () => 1,
  /** Loshchilov and Hutter 2017, without restarts. */
  cosine({ warmupEpochs, finalFactor }, { step, stepsPerEpoch, totalSteps }) {
    const warmup = Math.min(warmupEpochs * stepsPerEpoch, totalSteps);
    if (step < warmup) return step / warmup;
    return cosine(1, finalFactor, (step - 1 - warmup) / Math.max(totalSteps - 1 - warmup, 1));
  },
  /** Smith and Topin 2018, both phases along a cosine: PyTorch's OneCycleLR with its defaults, momentum left alone. */
  'one-cycle'({ peakAt, startFactor, finalFactor }, { step, totalSteps }) {
    const peak = peakAt * totalSteps - 1;
    const last = totalSteps - 1;
    const at = step - 1;
    if (at <= peak) return cosine(startFactor, 1, peak > 0 ? at / peak : 1);
    return cosine(1, finalFactor, last > peak ? (at - peak) / (last - peak) : 1);
  },
};

/** What the learning rate is multiplied by at a step. */
export function rateFactor(spec: ScheduleSpec, progress: Progress): number {
  const factor = FACTORS[spec.kind] as (spec: ScheduleSpec, progress: Progress) => number;
  return factor(spec, progress);
}
