import { ImageDraws } from './draws.ts';
import { blacken, boxAbout, eraseBox, paste } from './erasing.ts';
import { affineOf, shift, type Shape, warp } from './geometry.ts';
import { brighten, contrast } from './intensity.ts';
import { randAugment } from './rand-augment.ts';
import { type AugmentSpec, mixesLabels } from './spec.ts';

/** The images of a split, as they cross to a thread. */
export interface AugmentSource {
  /** Pixels 0 .. 255 of the whole set: [all, height, width, channels]. */
  readonly pixels: Uint8Array;
  readonly shape: Shape;
  /** Positions in `pixels` of the split's images: [count]. */
  readonly indices: Uint32Array;
  /** [count] */
  readonly labels: Uint8Array;
  readonly classes: number;
}

/** What a batch is written to. */
export interface BatchBuffers {
  /** Pixels in [0, 1]: [batch, height, width, channels]. */
  readonly images: Float32Array;
  /** [batch] */
  readonly labels: Int32Array;
  /** Probabilities of classes, where labels are mixed: [batch, classes]. */
  readonly targets: Float32Array | undefined;
}

/** No training has it: the first choice of alternating flips is one for all epochs. */
const NO_EPOCH = -1;

/**
 * Makes augmented images. What comes out is a function of (spec, seed, epoch, image) alone, whatever the batch, the order
 * or the thread.
 */
export class Augmenter {
  readonly #source: AugmentSource;
  readonly #spec: AugmentSpec;
  readonly #size: number;
  readonly #resamples: boolean;
  readonly #draws: ImageDraws;
  readonly #choices: ImageDraws;
  readonly #partnerDraws: ImageDraws;
  readonly #scratch: Float32Array;
  readonly #partner: Float32Array;

  constructor(source: AugmentSource, spec: AugmentSpec, seed: number) {
    const { height, width, channels } = source.shape;
    this.#source = source;
    this.#spec = spec;
    this.#size = height * width * channels;
    this.#resamples = spec.rotate > 0 || spec.zoom > 0 || spec.shear > 0;
    [this.#draws, this.#choices, this.#partnerDraws] = [
      new ImageDraws(seed),
      new ImageDraws(seed),
      new ImageDraws(seed),
    ];
    this.#scratch = new Float32Array(this.#size);
    this.#partner = new Float32Array(this.#size);
  }

  /** The images at these positions of the split, in an epoch (from 1), each at its row. */
  fill(positions: Uint32Array, epoch: number, { images, labels, targets }: BatchBuffers): void {
    const { labels: all, classes } = this.#source;
    targets?.fill(0, 0, positions.length * classes);
    for (let row = 0; row < positions.length; row++) {
      const position = positions[row]!;
      this.#image(position, epoch, images, row * this.#size, this.#draws);
      labels[row] = all[position]!;
      if (targets === undefined) continue;
      const [partner, weight] = this.#mix(epoch, images, row * this.#size);
      targets[row * classes + all[position]!]! += 1 - weight;
      targets[row * classes + all[partner]!]! += weight;
    }
  }

  #flips(epoch: number, index: number, draws: ImageDraws): boolean {
    const { flip } = this.#spec;
    if (flip === 'none') return false;
    if (flip === 'random') return draws.below(2) === 1;
    this.#choices.begin(NO_EPOCH, index);
    return (this.#choices.below(2) + epoch) % 2 === 1;
  }

  /** One image, but for mixtures. */
  #image(position: number, epoch: number, out: Float32Array, to: number, draws: ImageDraws): void {
    const { shape, indices } = this.#source;
    const { erase, cutout } = this.#spec;
    const index = indices[position]!;
    draws.begin(epoch, index);
    this.#place(index, this.#flips(epoch, index, draws), out, to, draws);
    this.#colour(out, to, draws);
    if (erase.probability > 0 && draws.uniform() < erase.probability) {
      const box = eraseBox(erase, shape, draws);
      if (box !== undefined) blacken(out, to, shape, box);
    }
    if (cutout > 0) {
      const [y, x] = [draws.below(shape.height), draws.below(shape.width)];
      blacken(out, to, shape, boxAbout(y, x, cutout, cutout, shape));
    }
  }

  #place(index: number, flip: boolean, out: Float32Array, to: number, draws: ImageDraws): void {
    const { pixels, shape } = this.#source;
    const { translate, rotate, zoom, shear, padding } = this.#spec;
    const [dy, dx] =
      translate === 0
        ? [0, 0]
        : [draws.below(2 * translate + 1) - translate, draws.below(2 * translate + 1) - translate];
    const from = index * this.#size;
    if (!this.#resamples) return shift(pixels, from, out, to, shape, { dy, dx, flip, padding });
    shift(pixels, from, this.#scratch, 0, shape, { dy: 0, dx: 0, flip, padding });
    const [degrees, scale, slant] = [
      draws.between(-rotate, rotate),
      draws.between(1 - zoom, 1 + zoom),
      draws.between(-shear, shear),
    ];
    warp(this.#scratch, out, to, shape, affineOf(degrees, scale, slant, dx, dy), padding);
  }

  #colour(out: Float32Array, to: number, draws: ImageDraws): void {
    const { shape } = this.#source;
    const { randAugment: rand, brightness, contrast: stretch } = this.#spec;
    if (rand.operations === 0 && brightness === 0 && stretch === 0) return;
    const image = out.subarray(to, to + this.#size);
    randAugment(image, this.#scratch, shape, rand, draws);
    if (brightness > 0) brighten(image, draws.between(1 - brightness, 1 + brightness));
    if (stretch > 0) contrast(image, shape, draws.between(1 - stretch, 1 + stretch));
  }

  /** Mixes the image that the draws are at with another of the split, itself augmented; gives it and its weight. */
  #mix(epoch: number, out: Float32Array, to: number): readonly [partner: number, weight: number] {
    const { shape, indices } = this.#source;
    const { mixup, cutmix } = this.#spec;
    const draws = this.#draws;
    const cuts = cutmix > 0 && (mixup === 0 || draws.below(2) === 1);
    const weight = draws.beta(cuts ? cutmix : mixup);
    const partner = draws.below(indices.length);
    this.#image(partner, epoch, this.#partner, 0, this.#partnerDraws);
    if (cuts) {
      const side = Math.sqrt(weight);
      const [h, w] = [Math.round(shape.height * side), Math.round(shape.width * side)];
      const box = boxAbout(draws.below(shape.height), draws.below(shape.width), h, w, shape);
      return [partner, paste(this.#partner, out, to, shape, box)];
    }
    for (let i = 0; i < this.#size; i++)
      out[to + i] = (1 - weight) * out[to + i]! + weight * this.#partner[i]!;
    return [partner, weight];
  }
}

/** Buffers that threads share, for batches of up to so many images. */
export function sharedBuffers(
  { shape, classes }: AugmentSource,
  batchSize: number,
  spec: AugmentSpec,
): BatchBuffers {
  const shared = (count: number): SharedArrayBuffer => new SharedArrayBuffer(4 * count);
  return {
    images: new Float32Array(shared(batchSize * shape.height * shape.width * shape.channels)),
    labels: new Int32Array(shared(batchSize)),
    targets: mixesLabels(spec) ? new Float32Array(shared(batchSize * classes)) : undefined,
  };
}
