import type { ImageDraws } from './draws.ts';
import type { Shape } from './geometry.ts';
import type { AugmentSpec } from './spec.ts';

/** Rows top .. bottom - 1 and columns left .. right - 1. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Attempts to find a rectangle that fits; as torchvision's. */
const ATTEMPTS = 10;

/** The rectangle that random erasing takes, or nothing where none of ten fits (Zhong et al. 2020, algorithm 1). */
export function eraseBox(
  { minArea, maxArea, minAspect }: AugmentSpec['erase'],
  { height, width }: Shape,
  draws: ImageDraws,
): Box | undefined {
  const stretch = Math.log(minAspect);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const area = draws.between(minArea, maxArea) * height * width;
    const aspect = Math.exp(draws.between(stretch, -stretch));
    const h = Math.round(Math.sqrt(area * aspect));
    const w = Math.round(Math.sqrt(area / aspect));
    if (h >= height || w >= width) continue;
    const top = draws.below(height - h + 1);
    const left = draws.below(width - w + 1);
    return { top, left, bottom: top + h, right: left + w };
  }
  return undefined;
}

/** A rectangle about a centre, as much of it as lies in the image. */
export function boxAbout(y: number, x: number, h: number, w: number, { height, width }: Shape): Box {
  const [top, left] = [y - (h >> 1), x - (w >> 1)];
  return {
    top: Math.max(top, 0),
    left: Math.max(left, 0),
    bottom: Math.min(top + h, height),
    right: Math.min(left + w, width),
  };
}

/** A rectangle becomes black. */
export function blacken(out: Float32Array, to: number, { width, channels }: Shape, box: Box): void {
  for (let y = box.top; y < box.bottom; y++) {
    const row = to + y * width * channels;
    out.fill(0, row + box.left * channels, row + box.right * channels);
  }
}

/** A rectangle of one image into another; gives the share of the image that it covers. */
export function paste(other: Float32Array, out: Float32Array, to: number, shape: Shape, box: Box): number {
  const { height, width, channels } = shape;
  for (let y = box.top; y < box.bottom; y++) {
    const [start, end] = [(y * width + box.left) * channels, (y * width + box.right) * channels];
    out.set(other.subarray(start, end), to + start);
  }
  const covered = Math.max(0, box.bottom - box.top) * Math.max(0, box.right - box.left);
  return covered / (height * width);
}
