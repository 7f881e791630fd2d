import type { Shape } from './geometry.ts';

/** Of red, green and blue in a grey as bright as they are (ITU-R BT.601). */
const LUMA = [0.299, 0.587, 0.114] as const;

const clamped = (value: number): number => (value < 0 ? 0 : value > 1 ? 1 : value);

/** Moves every value away from `centre` by a factor, kept in [0, 1]. */
export function blend(image: Float32Array, factor: number, centre: (at: number) => number): void {
  for (let i = 0; i < image.length; i++) {
    const middle = centre(i);
    image[i] = clamped(middle + factor * (image[i]! - middle));
  }
}

export function brighten(image: Float32Array, factor: number): void {
  for (let i = 0; i < image.length; i++) image[i] = clamped(image[i]! * factor);
}

/** The grey of the pixel at `pixel`. */
export function greyAt(image: Float32Array, pixel: number, channels: number): number {
  if (channels === 1) return image[pixel]!;
  let grey = 0;
  for (let c = 0; c < 3; c++) grey += LUMA[c]! * image[pixel * 3 + c]!;
  return grey;
}

/** The factor of every value's distance from the mean grey. */
export function contrast(image: Float32Array, { height, width, channels }: Shape, factor: number): void {
  let sum = 0;
  for (let pixel = 0; pixel < height * width; pixel++) sum += greyAt(image, pixel, channels);
  const mean = sum / (height * width);
  blend(image, factor, () => mean);
}
