import { meanOf } from '@atelier/data';
import type { SmokeAnswer } from './smoke.ts';
import { failed, unavailable, type StoredSamples } from './smoke-samples.ts';
import type { SmokeResult } from './schema.ts';

/**
 * How far another engine's answers may lie from the ledger's: of any probability, and the share of images that may lie
 * further or fall to another class. A ledger rounds probabilities to float16 (2^-12 at most); engines of fp32 sum in
 * another order; an engine of bf16 keeps 8 bits of every product and activation.
 */
const TOLERANCE = {
  fp32: { probability: 0.01, share: 0.001 },
  bf16: { probability: 0.15, share: 0.01 },
} as const;

/** What is wrong with answers as probabilities: shape, finiteness, sum. */
export function fault(
  what: string,
  shape: readonly number[],
  values: ArrayLike<unknown>,
  rows: number,
  classes: number | undefined,
): string | undefined {
  const [count, width] = shape;
  if (
    shape.length !== 2 ||
    count !== rows ||
    width === undefined ||
    values.length !== rows * width ||
    (classes !== undefined && width !== classes)
  ) {
    return `${what} gave the shape [${shape.join(', ')}], expected [${rows}, ${classes ?? 'classes'}]`;
  }
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let k = 0; k < width; k++) {
      const value = values[row * width + k];
      if (typeof value !== 'number' || !Number.isFinite(value))
        return `${what} gave NaN or infinite probabilities`;
      sum += value;
    }
    if (Math.abs(sum - 1) > 1e-3)
      return `${what} gave probabilities that add up to ${sum.toPrecision(6)}, not 1`;
  }
  return undefined;
}

/**
 * How answers differ from the ledger: images of another class, those of them on the edge between the two classes (where
 * engines may fall to either side), and images with a probability too far off.
 */
function differences(answers: Float32Array, { ledger }: StoredSamples, tolerance: number) {
  const { predicted, probabilities, classes } = ledger;
  let [otherClass, edge, far] = [0, 0, 0];
  predicted.forEach((of, row) => {
    const start = row * classes;
    let [best, most] = [0, 0];
    for (let k = 0; k < classes; k++) {
      if (answers[start + k]! > answers[start + best]!) best = k;
      most = Math.max(most, Math.abs(answers[start + k]! - probabilities[start + k]!));
    }
    if (best !== of) otherClass++;
    if (best !== of && answers[start + best]! - answers[start + of]! <= 2 * tolerance) edge++;
    if (!(most <= tolerance)) far++;
  });
  return { otherClass, edge, far };
}

function float32Of(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  const aligned = new Uint8Array(bytes); // a buffer of its own
  return new Float32Array(aligned.buffer, 0, Math.floor(aligned.length / 4));
}

/** Judges the answers to all images of the split by the ledger that the gate is to believe. */
export function judgeImages(
  answered: NonNullable<SmokeAnswer['images']>,
  stored: StoredSamples,
  precision: string,
): SmokeResult {
  const [all] = stored.shape;
  const [done = 0] = answered.shape;
  const every = float32Of(answered.float32);
  const wrong = fault('the images', answered.shape, every, done, stored.ledger.classes);
  if (wrong !== undefined) return failed(wrong);
  if (done < all) return unavailable(`there was time for ${done} of its ${all} images only`);
  const asked = all / stored.views;
  const size = asked * stored.ledger.classes;
  const answers = meanOf(
    Array.from({ length: stored.views }, (_, i) => every.subarray(i * size, (i + 1) * size)),
  );
  const { probability, share } = TOLERANCE[precision === 'bf16' ? 'bf16' : 'fp32'];
  const { otherClass, edge, far } = differences(answers, stored, probability);
  const asInLedger = asked - otherClass;
  const images = { asked, asInLedger };
  const most = Math.floor(share * asked);
  if (otherClass - edge > most || edge > Math.max(1, most) || far > most) {
    return {
      status: 'failed',
      detail:
        `asked all ${asked} images again, it answers ${asInLedger} with the class in its ledger, and ${far} with ` +
        `probabilities more than ${probability} away: these files are not the model that was judged, or the ledger is not its own`,
      images,
    };
  }
  return { status: 'passed', detail: `${asInLedger} of all ${asked} images as in its ledger`, images };
}
