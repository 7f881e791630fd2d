import type { Picture } from './png.ts';

export interface PictureShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** ITU-R BT.601 luma, the weights of most tools that turn colours to grey. */
const LUMA = [0.299, 0.587, 0.114] as const;

/** The same picture with 1 or 3 channels: grey by luma, or grey thrice. */
export function withChannels(picture: Picture, channels: number): Picture {
  if (picture.channels === channels) return picture;
  const { width, height, pixels } = picture;
  if (picture.channels === 1) {
    const rgb = new Uint8Array(pixels.length * 3).map((_, i) => pixels[Math.floor(i / 3)]!);
    return { width, height, channels: 3, pixels: rgb };
  }
  const grey = new Uint8Array(width * height).map((_, i) =>
    Math.round(LUMA.reduce((sum, weight, c) => sum + weight * pixels[3 * i + c]!, 0)),
  );
  return { width, height, channels: 1, pixels: grey };
}

/** Parts of source pixels that a target pixel covers: [position, share]. */
function coverage(from: number, to: number): (readonly [number, number])[][] {
  const scale = from / to;
  return Array.from({ length: to }, (_, i) => {
    const [start, end] = [i * scale, (i + 1) * scale];
    const parts: [number, number][] = [];
    for (let at = Math.floor(start); at < Math.min(from, Math.ceil(end - 1e-9)); at++)
      parts.push([at, (Math.min(at + 1, end) - Math.max(at, start)) / scale]);
    return parts;
  });
}

/** Resized so that every pixel is the mean of the area that it covers; the aspect ratio is not kept. */
export function resized(
  picture: Picture,
  { height, width }: Pick<PictureShape, 'height' | 'width'>,
): Picture {
  const { channels, pixels } = picture;
  const [rows, columns] = [coverage(picture.height, height), coverage(picture.width, width)];
  const out = new Uint8Array(height * width * channels);
  rows.forEach((ys, y) =>
    columns.forEach((xs, x) => {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (const [sy, high] of ys)
          for (const [sx, wide] of xs) sum += high * wide * pixels[(sy * picture.width + sx) * channels + c]!;
        out[(y * width + x) * channels + c] = Math.round(sum);
      }
    }),
  );
  return { width, height, channels, pixels: out };
}

/** Dark for light. */
export function inverted(picture: Picture): Picture {
  return { ...picture, pixels: picture.pixels.map((value) => 255 - value) };
}
