import type { ImageDraws } from './draws.ts';
import { affineOf, type Affine, type Shape, warp } from './geometry.ts';
import { blend, brighten, contrast, greyAt } from './intensity.ts';

/** What an operation works on; `strength` is 0 .. 1 of the magnitude's range, `sign` 1 or -1. */
interface Task {
  readonly image: Float32Array;
  readonly scratch: Float32Array;
  readonly shape: Shape;
  readonly strength: number;
  readonly sign: number;
}

type Operation = (task: Task) => void;

function moved({ image, scratch, shape }: Task, affine: Affine): void {
  scratch.set(image);
  warp(scratch, image, 0, shape, affine, 'zero');
}

const byte = (value: number): number => Math.round(value * 255);

/** Keeps the highest bits of every value. */
export function posterize(image: Float32Array, bits: number): void {
  const mask = 0xff & ~(0xff >> bits);
  for (let i = 0; i < image.length; i++) image[i] = (byte(image[i]!) & mask) / 255;
}

/** Inverts the values from a threshold (0 .. 255) up. */
export function solarize(image: Float32Array, threshold: number): void {
  for (let i = 0; i < image.length; i++) if (byte(image[i]!) >= threshold) image[i] = 1 - image[i]!;
}

/** Stretches every channel from its least to its greatest value over [0, 1]. */
export function autoContrast(image: Float32Array, channels: number): void {
  for (let c = 0; c < channels; c++) {
    let [low, high] = [1, 0];
    for (let i = c; i < image.length; i += channels) {
      low = Math.min(low, image[i]!);
      high = Math.max(high, image[i]!);
    }
    if (high <= low) continue;
    for (let i = c; i < image.length; i += channels) image[i] = (image[i]! - low) / (high - low);
  }
}

/** Equalizes every channel's histogram of 256 values, as Pillow's ImageOps.equalize. */
export function equalize(image: Float32Array, channels: number): void {
  for (let c = 0; c < channels; c++) {
    const histogram = new Uint32Array(256);
    for (let i = c; i < image.length; i += channels) histogram[byte(image[i]!)]! += 1;
    const last = histogram.findLastIndex((count) => count > 0);
    const step = Math.floor((image.length / channels - histogram[last]!) / 255);
    if (step === 0) continue;
    let sum = Math.floor(step / 2);
    const table = Float32Array.from(histogram, (count) => {
      const value = Math.min(255, Math.floor(sum / step)) / 255;
      sum += count;
      return value;
    });
    for (let i = c; i < image.length; i += channels) image[i] = table[byte(image[i]!)]!;
  }
}

/** Factor 1 leaves an image, 0 smooths it by (1 1 1; 1 5 1; 1 1 1) / 13; the border stays. As torchvision's adjust_sharpness. */
export function sharpen(image: Float32Array, scratch: Float32Array, shape: Shape, factor: number): void {
  const { height, width, channels } = shape;
  scratch.set(image);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      for (let c = 0; c < channels; c++) {
        const at = (y * width + x) * channels + c;
        let sum = 4 * scratch[at]!;
        for (let dy = -1; dy <= 1; dy++)
          for (let dx = -1; dx <= 1; dx++) sum += scratch[at + (dy * width + dx) * channels]!;
        const smooth = sum / 13;
        image[at] = Math.min(1, Math.max(0, smooth + factor * (scratch[at]! - smooth)));
      }
    }
  }
}

/** Factor 0 is grey. */
export function saturate(image: Float32Array, channels: number, factor: number): void {
  if (channels === 1) return;
  let grey = 0;
  blend(image, factor, (at) => {
    if (at % 3 === 0) grey = greyAt(image, at / 3, 3);
    return grey;
  });
}

const factorOf = ({ strength, sign }: Task): number => 1 + sign * 0.9 * strength;
const shearOf = ({ strength, sign }: Task): number => sign * 0.3 * strength;
const shiftOf = ({ strength, sign }: Task, side: number): number =>
  Math.trunc(sign * (150 / 331) * side * strength);

/** The fourteen of RandAugment with the ranges of torchvision, bilinear. */
export const OPERATIONS = {
  identity: () => {},
  shearX: (task) => moved(task, { matrix: [1, shearOf(task), 0, 1], dx: 0, dy: 0 }),
  shearY: (task) => moved(task, { matrix: [1, 0, shearOf(task), 1], dx: 0, dy: 0 }),
  translateX: (task) => moved(task, affineOf(0, 1, 0, shiftOf(task, task.shape.width), 0)),
  translateY: (task) => moved(task, affineOf(0, 1, 0, 0, shiftOf(task, task.shape.height))),
  rotate: (task) => moved(task, affineOf(task.sign * 30 * task.strength, 1, 0)),
  brightness: (task) => brighten(task.image, factorOf(task)),
  color: (task) => saturate(task.image, task.shape.channels, factorOf(task)),
  contrast: (task) => contrast(task.image, task.shape, factorOf(task)),
  sharpness: (task) => sharpen(task.image, task.scratch, task.shape, factorOf(task)),
  posterize: (task) => posterize(task.image, 8 - Math.round(4 * task.strength)),
  solarize: (task) => solarize(task.image, 255 * (1 - task.strength)),
  autoContrast: (task) => autoContrast(task.image, task.shape.channels),
  equalize: (task) => equalize(task.image, task.shape.channels),
} as const satisfies Record<string, Operation>;

const LIST: readonly Operation[] = Object.values(OPERATIONS);
const LARGEST_MAGNITUDE = 30;

/** Applies operations that the image draws, in place. */
export function randAugment(
  image: Float32Array,
  scratch: Float32Array,
  shape: Shape,
  { operations, magnitude }: { readonly operations: number; readonly magnitude: number },
  draws: ImageDraws,
): void {
  const strength = magnitude / LARGEST_MAGNITUDE;
  for (let i = 0; i < operations; i++) {
    const operation = LIST[draws.below(LIST.length)]!;
    operation({ image, scratch, shape, strength, sign: draws.below(2) === 0 ? 1 : -1 });
  }
}
