import { type ImageSet, imageSize } from './image-set.ts';
import type { Picture } from './png.ts';

export interface ContactSheetOptions {
  readonly columns: number;
  /** Whole number of output pixels for each image pixel. */
  readonly scale?: number;
  /** Output pixels between images. */
  readonly gap?: number;
}

const BACKGROUND = 128;

/** Images of a set side by side, row by row, in the order of `indices`. */
export function contactSheet(
  set: ImageSet,
  indices: ArrayLike<number>,
  options: ContactSheetOptions,
): Picture {
  const { columns, scale = 2, gap = 2 } = options;
  const { channels } = set;
  const cell = { width: set.width * scale, height: set.height * scale };
  const rows = Math.ceil(indices.length / columns);
  const width = columns * (cell.width + gap) + gap;
  const height = rows * (cell.height + gap) + gap;
  const pixels = new Uint8Array(width * height * channels).fill(BACKGROUND);
  for (let i = 0; i < indices.length; i++) {
    const left = gap + (i % columns) * (cell.width + gap);
    const top = gap + Math.floor(i / columns) * (cell.height + gap);
    const from = indices[i]! * imageSize(set);
    for (let y = 0; y < cell.height; y++) {
      for (let x = 0; x < cell.width; x++) {
        const source = from + (Math.floor(y / scale) * set.width + Math.floor(x / scale)) * channels;
        const target = ((top + y) * width + left + x) * channels;
        for (let c = 0; c < channels; c++) pixels[target + c] = set.images[source + c]!;
      }
    }
  }
  return { width, height, channels, pixels };
}
