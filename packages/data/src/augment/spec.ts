import { z } from 'zod';
import { AugmentError } from '../errors.ts';

const Share = z.number().min(0).max(1);
/** Of the Beta distribution that a mixture is drawn from; 0 is none. */
const Alpha = z.number().min(0).max(100).default(0);

/**
 * What is done to a training image, drawn anew for every image and epoch. Everything is off unless it is named. In this
 * order: geometry (flip, zoom, shear, rotation, translation, in one resampling), RandAugment, brightness and contrast,
 * erasing, cutout, mixture with another image.
 */
export const AugmentSpec = z.strictObject({
  /** Left and right: by chance, or alternating from epoch to epoch with a first choice by chance (Jordan 2024). */
  flip: z.enum(['none', 'random', 'alternating']).default('none'),
  /** Whole pixels that an image moves at most, in each direction. */
  translate: z.int().min(0).default(0),
  /** Degrees, at most, in either direction. */
  rotate: z.number().min(0).max(180).default(0),
  /** The scale is drawn from 1 - zoom to 1 + zoom. */
  zoom: z.number().min(0).lt(1).default(0),
  /** Degrees, at most, in either direction. */
  shear: z.number().min(0).max(80).default(0),
  /** What moves in from outside: black, or the image mirrored at its border pixels (no pixel twice). */
  padding: z.enum(['zero', 'reflect']).default('zero'),
  /** The factor of all pixels is drawn from 1 - brightness to 1 + brightness. */
  brightness: Share.default(0),
  /** The factor of the distance from the mean grey is drawn from 1 - contrast to 1 + contrast. */
  contrast: Share.default(0),
  /** Random erasing (Zhong et al. 2020): a rectangle becomes black. */
  erase: z
    .strictObject({
      probability: Share.default(0),
      /** Share of the image's area. */
      minArea: Share.default(0.02),
      maxArea: Share.default(0.33),
      /** Height to width is drawn between this and its inverse, evenly in the logarithm. */
      minAspect: z.number().gt(0).max(1).default(0.3),
    })
    .prefault({}),
  /** Side of a square that becomes black, its centre anywhere in the image (DeVries and Taylor 2017); pixels. */
  cutout: z.int().min(0).default(0),
  /** Weighted mean of two images and their labels (Zhang et al. 2018). */
  mixup: Alpha,
  /** A rectangle of another image, the labels weighted by area (Yun et al. 2019). With mixup, every image draws which. */
  cutmix: Alpha,
  /** So many operations of one strength (Cubuk et al. 2020). */
  randAugment: z
    .strictObject({
      operations: z.int().min(0).max(14).default(0),
      magnitude: z.int().min(0).max(30).default(9),
    })
    .prefault({}),
});
export type AugmentSpec = z.output<typeof AugmentSpec>;

/** @throws AugmentError naming the first setting that is wrong */
export function parseAugment(settings: unknown): AugmentSpec {
  const parsed = AugmentSpec.safeParse(settings);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new AugmentError(path.join('.'), message);
}

/** True where labels become probabilities of classes. */
export function mixesLabels({ mixup, cutmix }: AugmentSpec): boolean {
  return mixup > 0 || cutmix > 0;
}

/** True where images stay as they are. */
export function isIdle(spec: AugmentSpec): boolean {
  const { flip, translate, rotate, zoom, shear, brightness, contrast, erase, cutout, randAugment } = spec;
  const amounts = [translate, rotate, zoom, shear, brightness, contrast, erase.probability, cutout];
  return flip === 'none' && !mixesLabels(spec) && [...amounts, randAugment.operations].every((n) => n === 0);
}

/** @throws AugmentError naming the setting that does not go with another, or with images of this size */
export function checkAugment(
  spec: AugmentSpec,
  image: { readonly height: number; readonly width: number },
): void {
  const { translate, cutout, erase } = spec;
  const side = Math.min(image.height, image.width);
  const size = `${image.height} x ${image.width}`;
  if (translate >= side)
    throw new AugmentError('translate', `expected less than ${side} for images of ${size}, got ${translate}`);
  if (cutout > side)
    throw new AugmentError(
      'cutout',
      `expected at most ${side} for images of ${size}, got ${cutout}: more than the image`,
    );
  if (erase.minArea > erase.maxArea)
    throw new AugmentError(
      'erase.minArea',
      `expected at most erase.maxArea, ${erase.maxArea}, got ${erase.minArea}`,
    );
}
