import { createHash } from 'node:crypto';
import { murmurFinalizer as mix } from '../random.ts';

const GOLDEN = 0x9e3779b9;

/**
 * Random numbers of one image in one epoch: the n-th number is a function of seed, epoch, image and n, so any image can be
 * made anywhere at any time. Two keyed rounds of the MurmurHash3 finalizer, as `randomBits`; nothing is allocated.
 */
export class ImageDraws {
  readonly #seed: number;
  #epochKeys = new Uint32Array(2);
  #epoch = Number.NaN;
  #first = 0;
  #second = 0;
  #count = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Goes to the first number of an image. */
  begin(epoch: number, image: number): void {
    if (epoch !== this.#epoch) {
      const digest = createHash('sha256')
        .update(JSON.stringify([this.#seed, 'augment', epoch]))
        .digest();
      this.#epochKeys = Uint32Array.of(digest.readUInt32LE(0), digest.readUInt32LE(4));
      this.#epoch = epoch;
    }
    this.#first = mix(image ^ this.#epochKeys[0]!);
    this.#second = mix(image + this.#epochKeys[1]!);
    this.#count = 0;
  }

  uint32(): number {
    const counter = Math.imul(++this.#count, GOLDEN);
    return mix(mix(counter ^ this.#first) + this.#second);
  }

  /** In [0, 1), 24 bits. */
  uniform(): number {
    return (this.uint32() >>> 8) / 16777216;
  }

  /** In [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** An integer in 0 .. n - 1; its bias is below n / 2^32. */
  below(n: number): number {
    return Math.floor((this.uint32() / 4294967296) * n);
  }

  #normal(): number {
    // Box and Muller; 1 - u is never 0
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Marsaglia and Tsang (2000); below 1 by their boost. The logarithm, as Gamma(0.01) is beyond small floats. */
  #logGamma(shape: number): number {
    if (shape < 1) return this.#logGamma(shape + 1) + Math.log(1 - this.uniform()) / shape;
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.#normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v))
        return Math.log(d * v);
    }
  }

  /** Of Beta(alpha, alpha). */
  beta(alpha: number): number {
    return 1 / (1 + Math.exp(this.#logGamma(alpha) - this.#logGamma(alpha)));
  }
}
