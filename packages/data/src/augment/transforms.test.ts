import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { affineOf, type Padding, shift, type Shape, warp } from './geometry.ts';
import { brighten, contrast } from './intensity.ts';
import { autoContrast, equalize, posterize, saturate, sharpen, solarize } from './rand-augment.ts';

interface Case {
  readonly kind: string;
  readonly image: string;
  readonly out: readonly number[];
  readonly [parameter: string]: unknown;
}

interface Reference {
  readonly images: Readonly<Record<string, Shape & { readonly pixels: readonly number[] }>>;
  readonly cases: readonly Case[];
}

/** NumPy's and SciPy's results: test/augment-reference.py. */
const { images, cases } = JSON.parse(
  readFileSync(new URL('../../test/augment-reference.json', import.meta.url), 'utf8'),
) as Reference;

type Numbers = Readonly<Record<string, number>>;
type InPlace = (image: Float32Array, scratch: Float32Array, shape: Shape, parameters: Numbers) => void;

const warped = (image: Float32Array, scratch: Float32Array, shape: Shape, p: Numbers, padding: Padding) => {
  scratch.set(image);
  warp(scratch, image, 0, shape, affineOf(p['rotate']!, p['zoom']!, p['shear']!, p['dx'], p['dy']), padding);
};

const IN_PLACE: Readonly<Record<string, InPlace>> = {
  brightness: (image, _, __, { factor }) => brighten(image, factor!),
  contrast: (image, _, shape, { factor }) => contrast(image, shape, factor!),
  color: (image, _, { channels }, { factor }) => saturate(image, channels, factor!),
  sharpness: (image, scratch, shape, { factor }) => sharpen(image, scratch, shape, factor!),
  posterize: (image, _, __, { bits }) => posterize(image, bits!),
  solarize: (image, _, __, { threshold }) => solarize(image, threshold!),
  autoContrast: (image, _, { channels }) => autoContrast(image, channels),
  equalize: (image, _, { channels }) => equalize(image, channels),
  rot90: (image, scratch, shape) =>
    warped(image, scratch, shape, { rotate: 90, zoom: 1, shear: 0, dx: 0, dy: 0 }, 'zero'),
};

function resultOf({ kind, image: name, out: _, ...parameters }: Case): Float32Array {
  const { pixels, ...shape } = images[name]!;
  const bytes = Uint8Array.from(pixels);
  const image = Float32Array.from(pixels, (value) => value / 255);
  const scratch = new Float32Array(image.length);
  const padding = parameters['padding'] as Padding;
  if (kind === 'shift')
    shift(bytes, 0, image, 0, shape, parameters as unknown as Parameters<typeof shift>[5]);
  else if (kind === 'warp') warped(image, scratch, shape, parameters as Numbers, padding);
  else IN_PLACE[kind]!(image, scratch, shape, parameters as Numbers);
  return image;
}

const kinds = [...new Set(cases.map(({ kind }) => kind))];

describe('transforms', () => {
  it.each(kinds)('%s is as NumPy and SciPy have it', (kind) => {
    const mine = cases.filter((one) => one.kind === kind);
    expect(mine.length).toBeGreaterThan(0);
    for (const one of mine) {
      const got = resultOf(one);
      const worst = one.out.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i]!)), 0);
      expect(worst, JSON.stringify({ ...one, out: undefined })).toBeLessThan(2e-6);
    }
  });
});
