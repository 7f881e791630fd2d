/** Height, width and channels of an image whose pixels lie row by row, channels together. */
export interface Shape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export type Padding = 'zero' | 'reflect';

/** Position `i` in a row of `n` that is mirrored at its ends, which are not repeated: -1 is 1, n is n - 2. */
export function reflected(i: number, n: number): number {
  if (n === 1) return 0;
  const period = 2 * (n - 1);
  const within = ((i % period) + period) % period;
  return within < n ? within : period - within;
}

/** In float32, multiplying by it gives what dividing by 255 gives, for every pixel value. */
const SCALE = 1 / 255;
const OUTSIDE = -1;

/** For every place in a row: where in the source's row it comes from, or OUTSIDE. */
function columnsOf({ width, channels }: Shape, dx: number, flip: boolean, padding: Padding): Int32Array {
  const columns = new Int32Array(width * channels);
  for (let x = 0; x < width; x++) {
    const moved = padding === 'zero' ? x - dx : reflected(x - dx, width);
    const inside = moved >= 0 && moved < width;
    const from = (flip ? width - 1 - moved : moved) * channels;
    for (let c = 0; c < channels; c++) columns[x * channels + c] = inside ? from + c : OUTSIDE;
  }
  return columns;
}

/**
 * Scales an image to [0, 1] and moves it by whole pixels, mirrored before where `flip` says so:
 * out[y, x] = in[y - dy, x - dx].
 * @param from the image's place in `pixels`; `to` its place in `out`
 */
export function shift(
  pixels: Uint8Array,
  from: number,
  out: Float32Array,
  to: number,
  shape: Shape,
  move: { readonly dy: number; readonly dx: number; readonly flip: boolean; readonly padding: Padding },
): void {
  const { height } = shape;
  const { dy, padding } = move;
  const columns = columnsOf(shape, move.dx, move.flip, padding);
  const row = columns.length;
  for (let y = 0; y < height; y++) {
    const sourceY = padding === 'zero' ? y - dy : reflected(y - dy, height);
    const target = to + y * row;
    if (sourceY < 0 || sourceY >= height) {
      out.fill(0, target, target + row);
      continue;
    }
    const source = from + sourceY * row;
    for (let i = 0; i < row; i++) {
      const column = columns[i]!;
      out[target + i] = column === OUTSIDE ? 0 : pixels[source + column]! * SCALE;
    }
  }
}

/** A linear map about an image's centre and a translation: what happens to the image, in pixels, y down. */
export interface Affine {
  /** Row by row: x' = xx * x + xy * y, y' = yx * x + yy * y. */
  readonly matrix: readonly [xx: number, xy: number, yx: number, yy: number];
  readonly dx: number;
  readonly dy: number;
}

/** Shear of x by y, then scale, then a rotation, counter-clockwise as seen. Angles in degrees. */
export function affineOf(rotate: number, zoom: number, shear: number, dx = 0, dy = 0): Affine {
  const radians = (rotate * Math.PI) / 180;
  const [cos, sin] = [zoom * Math.cos(radians), zoom * Math.sin(radians)];
  const tan = Math.tan((shear * Math.PI) / 180);
  // y points down, so counter-clockwise is [cos, sin; -sin, cos]
  return { matrix: [cos, cos * tan + sin, -sin, cos - sin * tan], dx, dy };
}

/** Position `i` in a row of `n`, by the padding. */
function within(i: number, n: number, zero: boolean): number {
  if (i >= 0 && i < n) return i;
  return zero ? OUTSIDE : reflected(i, n);
}

function sample(
  image: Float32Array,
  y: number,
  x: number,
  width: number,
  channels: number,
  c: number,
): number {
  return y === OUTSIDE || x === OUTSIDE ? 0 : image[(y * width + x) * channels + c]!;
}

/** Moves an image as `affine` says, bilinear; what lies outside is as `padding` says. `image` and `out` must not overlap. */
export function warp(
  image: Float32Array,
  out: Float32Array,
  to: number,
  { height, width, channels }: Shape,
  { matrix: [xx, xy, yx, yy], dx, dy }: Affine,
  padding: Padding,
): void {
  const determinant = xx * yy - xy * yx;
  const [ixx, ixy, iyx, iyy] = [yy / determinant, -xy / determinant, -yx / determinant, xx / determinant];
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  const zero = padding === 'zero';
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const px = x - cx - dx;
      const py = y - cy - dy;
      const sx = ixx * px + ixy * py + cx;
      const sy = iyx * px + iyy * py + cy;
      const floorX = Math.floor(sx);
      const floorY = Math.floor(sy);
      const fx = sx - floorX;
      const fy = sy - floorY;
      const left = within(floorX, width, zero);
      const right = fx === 0 ? left : within(floorX + 1, width, zero);
      const top = within(floorY, height, zero);
      const bottom = fy === 0 ? top : within(floorY + 1, height, zero);
      const at = to + (y * width + x) * channels;
      for (let c = 0; c < channels; c++) {
        const above =
          (1 - fx) * sample(image, top, left, width, channels, c) +
          fx * sample(image, top, right, width, channels, c);
        const below =
          (1 - fx) * sample(image, bottom, left, width, channels, c) +
          fx * sample(image, bottom, right, width, channels, c);
        out[at + c] = (1 - fy) * above + fy * below;
      }
    }
  }
}
