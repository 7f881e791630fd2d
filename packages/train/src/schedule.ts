import type { ScheduleSpec } from './config.ts';

/** Where a step stands: steps count from 1. */
export interface Progress {
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
}

/** A schedule behind its warm-up: `done` steps before this one, of `total`. */
interface Behind {
  readonly done: number;
  readonly total: number;
  readonly stepsPerEpoch: number;
}

type Factors = {
  readonly [Kind in ScheduleSpec['kind']]: (
    spec: Extract<ScheduleSpec, { kind: Kind }>,
    behind: Behind,
  ) => number;
};

/** From `start` to `end` along half a cosine, as `part` goes from 0 to 1. */
function cosine(start: number, end: number, part: number): number {
  return end + ((start - end) * (1 + Math.cos(Math.PI * Math.min(Math.max(part, 0), 1)))) / 2;
}

/** From 0 at the first step to 1 at the last. */
const partOf = ({ done, total }: Behind): number => Math.min(done / Math.max(total - 1, 1), 1);

/** Every schedule by its kind. */
const FACTORS: Factors = {
  constant: () => 1,
  /** PyTorch's StepLR, by epochs. */
  step: ({ everyEpochs, factor }, { done, stepsPerEpoch }) =>
    factor ** Math.floor(done / (everyEpochs * stepsPerEpoch)),
  /** Loshchilov and Hutter 2017, without restarts. */
  cosine: ({ finalFactor }, behind) => cosine(1, finalFactor, partOf(behind)),
  /** PyTorch's PolynomialLR, to `finalFactor`. */
  polynomial: ({ power, finalFactor }, behind) =>
    finalFactor + (1 - finalFactor) * (1 - partOf(behind)) ** power,
  /** Smith 2017: up and down in straight lines, again and again; PyTorch's CyclicLR, mode triangular. */
  triangular({ cycleEpochs, floorFactor }, { done, stepsPerEpoch }) {
    const half = (cycleEpochs * stepsPerEpoch) / 2;
    const cycle = Math.floor(1 + done / (2 * half));
    const height = Math.max(0, 1 - Math.abs(done / half - 2 * cycle + 1));
    return floorFactor + (1 - floorFactor) * height;
  },
  /** Smith and Topin 2018, both phases along a cosine: PyTorch's OneCycleLR with its defaults, momentum left alone. */
  'one-cycle'({ peakAt, startFactor, finalFactor }, { done, total }) {
    const peak = peakAt * total - 1;
    const last = total - 1;
    if (done <= peak) return cosine(startFactor, 1, peak > 0 ? done / peak : 1);
    return cosine(1, finalFactor, last > peak ? (done - peak) / (last - peak) : 1);
  },
};

/** What the learning rate is multiplied by at a step. */
export function rateFactor(spec: ScheduleSpec, { step, stepsPerEpoch, totalSteps }: Progress): number {
  const warmup = 'warmupEpochs' in spec ? Math.min(spec.warmupEpochs * stepsPerEpoch, totalSteps) : 0;
  if (step < warmup) return step / warmup;
  const factor = FACTORS[spec.kind] as (spec: ScheduleSpec, behind: Behind) => number;
  return factor(spec, { done: Math.max(step - 1 - warmup, 0), total: totalSteps - warmup, stepsPerEpoch });
}
