/** Convolutions and matrix products over the two products of gemm.as: what differs is how the table of rows is filled. */
import { columnsGemm, packPanels, rowsGemm } from './gemm';

/** Rows handled at once: a table of 9 taps x 64 rows is 2 KB, and the rows they point to stay in the L1 and L2 caches. */
const ROW_BLOCK: i32 = 64;
/** Pixels summed at once in a filter gradient: 4 KB of packed columns, 8 KB per packed panel. */
const DEPTH_BLOCK: i32 = 256;

/**
 * Fills table[tap][slot] for `count` output pixels from `first` on: the address of the source pixel that the tap reads, or of
 * `zero` where it reads padding. Forward, output (y, x) reads source y * strideY - padTop + ky * dilationY; backward (the
 * gradient of the input), the pixel of dy that read this one, if the stride divides.
 */
function fillTable(
  table: usize, slots: i32, first: i32, count: i32, source: usize, zero: usize, backward: bool,
  sourceHeight: i32, sourceWidth: i32, channels: i32, height: i32, width: i32, kernelHeight: i32, kernelWidth: i32,
  strideY: i32, strideX: i32, padTop: i32, padLeft: i32, dilationY: i32, dilationX: i32,
): void {
  const pixelBytes = <usize>channels << 2;
  let image = first / (height * width);
  let rest = first - image * height * width;
  let y = rest / width;
  let x = rest - y * width;
  for (let p = 0; p < slots; p++) {
    let at = table + (<usize>p << 2);
    const base = source + <usize>image * <usize>(sourceHeight * sourceWidth) * pixelBytes;
    for (let ky = 0; ky < kernelHeight; ky++) {
      let sy = backward ? y + padTop - ky * dilationY : y * strideY - padTop + ky * dilationY;
      let inside = p < count;
      if (backward) {
        const q = sy / strideY;
        inside = inside && q * strideY == sy;
        sy = q;
      }
      inside = inside && sy >= 0 && sy < sourceHeight;
      for (let kx = 0; kx < kernelWidth; kx++) {
        let sx = backward ? x + padLeft - kx * dilationX : x * strideX - padLeft + kx * dilationX;
        let reads = inside;
        if (backward) {
          const q = sx / strideX;
          reads = reads && q * strideX == sx;
          sx = q;
        }
        reads = reads && sx >= 0 && sx < sourceWidth;
        store<u32>(at, <u32>(reads ? base + <usize>(sy * sourceWidth + sx) * pixelBytes : zero));
        at += <usize>slots << 2;
      }
    }
    if (++x == width) {
      x = 0;
      if (++y == height) {
        y = 0;
        image++;
      }
    }
  }
}

/** out[pixels, columns] = the convolution of source with packed panels; see fillTable for `backward`. */
export function convolve(
  source: usize, zero: usize, panels: usize, out: usize, packed: usize, table: usize, tile: usize, backward: bool,
  batch: i32, sourceHeight: i32, sourceWidth: i32, channels: i32, height: i32, width: i32, columns: i32,
  kernelHeight: i32, kernelWidth: i32, strideY: i32, strideX: i32, padTop: i32, padLeft: i32, dilationY: i32, dilationX: i32,
): void {
  const pixels = batch * height * width;
  const ldc = <usize>columns << 2;
  for (let first = 0; first < pixels; first += ROW_BLOCK) {
    const count = min(ROW_BLOCK, pixels - first);
    fillTable(
      table, ROW_BLOCK, first, count, source, zero, backward, sourceHeight, sourceWidth, channels, height, width,
      kernelHeight, kernelWidth, strideY, strideX, padTop, padLeft, dilationY, dilationX,
    );
    rowsGemm(
      table, ROW_BLOCK, count, kernelHeight * kernelWidth, channels, panels, columns, out + <usize>first * ldc, ldc,
      packed, tile,
    );
  }
}

/** dw[kernelHeight * kernelWidth * channels, columns] += the filter gradient; dw starts at zero. */
export function filterGradient(
  x: usize, dy: usize, dw: usize, zero: usize, panels: usize, packed: usize, table: usize, tile: usize,
  batch: i32, sourceHeight: i32, sourceWidth: i32, channels: i32, height: i32, width: i32, columns: i32,
  kernelHeight: i32, kernelWidth: i32, strideY: i32, strideX: i32, padTop: i32, padLeft: i32, dilationY: i32, dilationX: i32,
): void {
  const pixels = batch * height * width;
  for (let first = 0; first < pixels; first += DEPTH_BLOCK) {
    const count = min(DEPTH_BLOCK, pixels - first);
    fillTable(
      table, DEPTH_BLOCK, first, count, x, zero, false, sourceHeight, sourceWidth, channels, height, width,
      kernelHeight, kernelWidth, strideY, strideX, padTop, padLeft, dilationY, dilationX,
    );
    packPanels(dy + (<usize>first * <usize>columns << 2), panels, 1, count, columns, 0, columns, 1);
    columnsGemm(table, DEPTH_BLOCK, count, kernelHeight * kernelWidth, channels, panels, columns, dw, packed, tile);
  }
}

/** table[slot] = the rows `first`.. of a matrix; slots past the end point to the last row. */
function fillRows(table: usize, slots: i32, first: i32, count: i32, matrix: usize, rowBytes: usize): void {
  for (let p = 0; p < slots; p++) {
    store<u32>(table + (<usize>p << 2), <u32>(matrix + <usize>(first + min(p, count - 1)) * rowBytes));
  }
}

/** c[m, n] = a[m, k] * b, where element (k, n) of b is b[k * kStride + n * nStride]. */
export function multiply(
  a: usize, b: usize, c: usize, m: i32, k: i32, n: i32, kStride: i32, nStride: i32,
  panels: usize, packed: usize, table: usize, tile: usize,
): void {
  packPanels(b, panels, 1, k, n, 0, kStride, nStride);
  for (let first = 0; first < m; first += ROW_BLOCK) {
    const count = min(ROW_BLOCK, m - first);
    fillRows(table, ROW_BLOCK, first, count, a, <usize>k << 2);
    const ldc = <usize>n << 2;
    rowsGemm(table, ROW_BLOCK, count, 1, k, panels, n, c + <usize>first * ldc, ldc, packed, tile);
  }
}

/** c[m, n] += transpose(a[k, m]) * b, where element (k, n) of b is b[k * kStride + n * nStride]; c starts at zero. */
export function multiplyTransposed(
  a: usize, b: usize, c: usize, m: i32, k: i32, n: i32, kStride: i32, nStride: i32,
  panels: usize, packed: usize, table: usize, tile: usize,
): void {
  for (let first = 0; first < k; first += DEPTH_BLOCK) {
    const count = min(DEPTH_BLOCK, k - first);
    fillRows(table, DEPTH_BLOCK, first, count, a, <usize>m << 2);
    packPanels(b + (<usize>first * <usize>kStride << 2), panels, 1, count, n, 0, kStride, nStride);
    columnsGemm(table, DEPTH_BLOCK, count, 1, m, panels, n, c, packed, tile);
  }
}
