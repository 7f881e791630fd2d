import { z } from 'zod';
import { type ImageSet, imageSize } from './image-set.ts';
import type { Split } from './split.ts';

/** Which views of an image are judged in its place, by the mean of their probabilities; the image itself is one. */
export const ViewsSpec = z.strictObject({
  /** Every view mirrored too, left and right. */
  flip: z.boolean().default(false),
  /** Pixels along the diagonal, to the upper left and to the lower right; black moves in. 0: no such views. */
  shift: z.int().min(0).max(8).default(0),
});
export type ViewsSpec = z.output<typeof ViewsSpec>;

/** One way to look at an image: mirrored or not, moved down and right. */
export interface View {
  readonly mirrored: boolean;
  readonly shift: number;
}

/** The views of a setting; the image as it is comes first. Judging costs as many times what it costs without. */
export function viewsOf(spec: ViewsSpec | null): View[] {
  const { flip, shift } = spec ?? { flip: false, shift: 0 };
  const shifts = shift === 0 ? [0] : [0, -shift, shift];
  return (flip ? [false, true] : [false]).flatMap((mirrored) =>
    shifts.map((by) => ({ mirrored, shift: by })),
  );
}

/** The images of a split, in its order, seen one way: a split of a set of their own. */
export function viewed(split: Split, { mirrored, shift }: View): Split {
  const { source, count, labels } = split;
  const { height, width, channels } = source;
  const size = imageSize(source);
  const images = new Uint8Array(count * size);
  split.indices.forEach((index, row) => {
    for (let y = Math.max(shift, 0); y < height + Math.min(shift, 0); y++)
      for (let x = Math.max(shift, 0); x < width + Math.min(shift, 0); x++) {
        const from = index * size + ((y - shift) * width + x - shift) * channels;
        const to = row * size + (y * width + (mirrored ? width - 1 - x : x)) * channels;
        for (let c = 0; c < channels; c++) images[to + c] = source.images[from + c]!;
      }
  });
  const set: ImageSet = { ...source, images, labels, count };
  return { ...split, source: set, indices: Uint32Array.from({ length: count }, (_, i) => i) };
}

/** The mean of what several views gave, each `[count, classes]`. */
export function meanOf(answers: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(answers[0]!.length);
  for (let i = 0; i < mean.length; i++)
    mean[i] = answers.reduce((sum, answer) => sum + answer[i]!, 0) / answers.length;
  return mean;
}
