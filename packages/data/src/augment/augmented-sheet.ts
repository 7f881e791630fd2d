import { contactSheet } from '../contact-sheet.ts';
import { type ImageSet, imageSize } from '../image-set.ts';
import type { Picture } from '../png.ts';
import type { Split } from '../split.ts';
import { augmentSource } from './augmented-batches.ts';
import { Augmenter, sharedBuffers } from './augmenter.ts';
import { type AugmentSpec, checkAugment } from './spec.ts';

export interface AugmentedSheetOptions {
  readonly spec: AugmentSpec;
  readonly seed: number;
  readonly classes: number;
  /** Images in a row: the image as it is, then as it is in the epochs 1, 2, ... */
  readonly columns: number;
}

/**
 * Before and after: a row for each of these positions of a split.
 * @throws AugmentError where a setting does not go with images of this size
 */
export function augmentedSheet(
  split: Split,
  positions: Uint32Array,
  { spec, seed, classes, columns }: AugmentedSheetOptions,
): Picture {
  checkAugment(spec, split.source);
  const size = imageSize(split.source);
  const source = augmentSource(split, classes);
  const augmenter = new Augmenter(source, spec, seed);
  const buffers = sharedBuffers(source, positions.length, spec);
  const images = new Uint8Array(positions.length * columns * size);
  positions.forEach((position, row) => {
    const from = split.indices[position]! * size;
    images.set(split.source.images.subarray(from, from + size), row * columns * size);
  });
  for (let epoch = 1; epoch < columns; epoch++) {
    augmenter.fill(positions, epoch, buffers);
    positions.forEach((_, row) => {
      const to = (row * columns + epoch) * size;
      for (let i = 0; i < size; i++) images[to + i] = Math.round(255 * buffers.images[row * size + i]!);
    });
  }
  const count = positions.length * columns;
  const set: ImageSet = { ...split.source, images, labels: new Uint8Array(count), count };
  return contactSheet(
    set,
    Uint32Array.from({ length: count }, (_, i) => i),
    { columns },
  );
}
