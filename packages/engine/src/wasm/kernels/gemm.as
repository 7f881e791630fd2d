/**
 * Matrix products whose left operand is a table of row pointers, packed 4 rows at a time. One tile is 4 rows by 8 columns: 8 accumulators, 2 vectors
 * of the right operand and 1 broadcast fit the 15 vector registers that V8 hands out on x64.
 *
 * Right operands are packed into panels of 8 columns, [panel][depth][8], zero-padded, so that a panel stays in the L1 cache.
 */

@inline
function madd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

/** Copies the valid corner of a 4x8 scratch tile to C. */
function storeCorner(tile: usize, c: usize, ldc: usize, rows: i32, columns: i32): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      store<f32>(c + <usize>i * ldc + (<usize>j << 2), load<f32>(tile + (<usize>i << 5) + (<usize>j << 2)));
    }
  }
}

/** Packs element (tap, k, n) = source[tap * tapStride + k * kStride + n * nStride] (strides in floats). */
export function packPanels(
  source: usize, panels: usize, taps: i32, depth: i32, columns: i32, tapStride: i32, kStride: i32, nStride: i32,
): void {
  let out = panels;
  for (let j = 0; j < columns; j += 8) {
    const valid = min(8, columns - j);
    for (let tap = 0; tap < taps; tap++) {
      let row = source + (<isize>(tap * tapStride + j * nStride) << 2);
      if (valid == 8 && nStride == 1) {
        for (let k = 0; k < depth; k++) {
          v128.store(out, v128.load(row));
          v128.store(out, v128.load(row, 16), 16);
          out += 32;
          row += <usize>kStride << 2;
        }
        continue;
      }
      for (let k = 0; k < depth; k++) {
        for (let n = 0; n < valid; n++) store<f32>(out + (<usize>n << 2), load<f32>(row + (<usize>(n * nStride) << 2)));
        for (let n = valid; n < 8; n++) store<f32>(out + (<usize>n << 2), 0);
        out += 32;
        row += <usize>kStride << 2;
      }
    }
  }
}

/**
 * Packs 4 rows, taken from 4 pointers per tap, into [tap][k][4]: a transposition, 4x4 at a time. Row pointers of a tap lie side
 * by side.
 */
function packRows(table: usize, tapBytes: usize, taps: i32, depth: i32, out: usize): void {
  for (let tap = 0; tap < taps; tap++) {
    let p0: usize = load<u32>(table);
    let p1: usize = load<u32>(table, 4);
    let p2: usize = load<u32>(table, 8);
    let p3: usize = load<u32>(table, 12);
    table += tapBytes;
    let k = depth;
    while (k >= 4) {
      const r0 = v128.load(p0), r1 = v128.load(p1), r2 = v128.load(p2), r3 = v128.load(p3);
      const a0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), a1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      const b0 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7), b1 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      v128.store(out, v128.shuffle<f32>(a0, a1, 0, 1, 4, 5));
      v128.store(out, v128.shuffle<f32>(a0, a1, 2, 3, 6, 7), 16);
      v128.store(out, v128.shuffle<f32>(b0, b1, 0, 1, 4, 5), 32);
      v128.store(out, v128.shuffle<f32>(b0, b1, 2, 3, 6, 7), 48);
      p0 += 16;
      p1 += 16;
      p2 += 16;
      p3 += 16;
      out += 64;
      k -= 4;
    }
    while (k > 0) {
      store<f32>(out, load<f32>(p0));
      store<f32>(out, load<f32>(p1), 4);
      store<f32>(out, load<f32>(p2), 8);
      store<f32>(out, load<f32>(p3), 12);
      p0 += 4;
      p1 += 4;
      p2 += 4;
      p3 += 4;
      out += 16;
      k--;
    }
  }
}

/**
 * C[rows, columns] = the rows of the table times packed panels. The table is [tap][slots] pointers; slots is a multiple of 4
 * and every slot points somewhere readable. `packed` has room for rows (rounded up to 4) x taps x depth floats.
 */
export function rowsGemm(
  table: usize, slots: i32, rows: i32, taps: i32, depth: i32, panels: usize, columns: i32, c: usize, ldc: usize,
  packed: usize, tile: usize,
): void {
  const length = taps * depth;
  const tileBytes = <usize>length << 4;
  for (let i = 0; i < rows; i += 4) {
    packRows(table + (<usize>i << 2), <usize>slots << 2, taps, depth, packed + <usize>(i >> 2) * tileBytes);
  }
  for (let j = 0; j < columns; j += 8) {
    const panel = panels + <usize>(j >> 3) * (tileBytes << 1);
    for (let i = 0; i < rows; i += 4) {
      const out = c + <usize>i * ldc + (<usize>j << 2);
      const a = packed + <usize>(i >> 2) * tileBytes;
      if (i + 4 <= rows && j + 8 <= columns) {
        packedTile(a, panel, length, out, ldc, false);
      } else {
        packedTile(a, panel, length, tile, 32, false);
        storeCorner(tile, out, ldc, min(4, rows - i), min(8, columns - j));
      }
    }
  }
}

/** C[4, 8] = or += the sum over k of a[k][0..4] (outer) b[k][0..8]; both packed. */
function packedTile(a: usize, b: usize, depth: i32, c: usize, ldc: usize, add: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  if (add) {
    c00 = v128.load(c);
    c01 = v128.load(c, 16);
    c10 = v128.load(c + ldc);
    c11 = v128.load(c + ldc, 16);
    c20 = v128.load(c + 2 * ldc);
    c21 = v128.load(c + 2 * ldc, 16);
    c30 = v128.load(c + 3 * ldc);
    c31 = v128.load(c + 3 * ldc, 16);
  }
  for (let k = depth >> 1; k > 0; k--) {
    let b0 = v128.load(b), b1 = v128.load(b, 16);
    let s = v128.load_splat<f32>(a);
    c00 = madd(c00, s, b0);
    c01 = madd(c01, s, b1);
    s = v128.load_splat<f32>(a, 4);
    c10 = madd(c10, s, b0);
    c11 = madd(c11, s, b1);
    s = v128.load_splat<f32>(a, 8);
    c20 = madd(c20, s, b0);
    c21 = madd(c21, s, b1);
    s = v128.load_splat<f32>(a, 12);
    c30 = madd(c30, s, b0);
    c31 = madd(c31, s, b1);

    b0 = v128.load(b, 32);
    b1 = v128.load(b, 48);
    s = v128.load_splat<f32>(a, 16);
    c00 = madd(c00, s, b0);
    c01 = madd(c01, s, b1);
    s = v128.load_splat<f32>(a, 20);
    c10 = madd(c10, s, b0);
    c11 = madd(c11, s, b1);
    s = v128.load_splat<f32>(a, 24);
    c20 = madd(c20, s, b0);
    c21 = madd(c21, s, b1);
    s = v128.load_splat<f32>(a, 28);
    c30 = madd(c30, s, b0);
    c31 = madd(c31, s, b1);
    a += 32;
    b += 64;
  }
  if (depth & 1) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let s = v128.load_splat<f32>(a);
    c00 = madd(c00, s, b0);
    c01 = madd(c01, s, b1);
    s = v128.load_splat<f32>(a, 4);
    c10 = madd(c10, s, b0);
    c11 = madd(c11, s, b1);
    s = v128.load_splat<f32>(a, 8);
    c20 = madd(c20, s, b0);
    c21 = madd(c21, s, b1);
    s = v128.load_splat<f32>(a, 12);
    c30 = madd(c30, s, b0);
    c31 = madd(c31, s, b1);
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c + ldc, c10);
  v128.store(c + ldc, c11, 16);
  v128.store(c + 2 * ldc, c20);
  v128.store(c + 2 * ldc, c21, 16);
  v128.store(c + 3 * ldc, c30);
  v128.store(c + 3 * ldc, c31, 16);
}

/** Packs columns r..r+4 of the pixel rows into [pixel][4]; column r means channel r % channels of tap r / channels. */
function packColumns(table: usize, slots: i32, count: i32, channels: i32, r: i32, width: i32, a: usize): void {
  const tap = r / channels;
  const channel = r - tap * channels;
  if (width == 4 && channel + 4 <= channels) {
    let at = table + (<usize>(tap * slots) << 2);
    const shift = <usize>channel << 2;
    for (let p = 0; p < count; p++) {
      v128.store(a, v128.load(<usize>load<u32>(at) + shift));
      a += 16;
      at += 4;
    }
    return;
  }
  for (let i = 0; i < 4; i++) {
    const column = r + i;
    const t = column / channels;
    const shift = <usize>(column - t * channels) << 2;
    const at = table + (<usize>(t * slots) << 2);
    const out = a + (<usize>i << 2);
    for (let p = 0; p < count; p++) {
      const value = i < width ? load<f32>(<usize>load<u32>(at + (<usize>p << 2)) + shift) : <f32>0;
      store<f32>(out + (<usize>p << 4), value);
    }
  }
}

/**
 * C[taps * channels, columns] += the transposed rows of the table times packed panels of the same `count` rows.
 */
export function columnsGemm(
  table: usize, slots: i32, count: i32, taps: i32, channels: i32, panels: usize, columns: i32, c: usize, a: usize, tile: usize,
): void {
  const height = taps * channels;
  const ldc = <usize>columns << 2;
  for (let r = 0; r < height; r += 4) {
    const width = min(4, height - r);
    packColumns(table, slots, count, channels, r, width, a);
    for (let j = 0; j < columns; j += 8) {
      const out = c + <usize>r * ldc + (<usize>j << 2);
      const panel = panels + <usize>(j >> 3) * <usize>count * 32;
      if (width == 4 && j + 8 <= columns) {
        packedTile(a, panel, count, out, ldc, true);
        continue;
      }
      const rows = width, cols = min(8, columns - j);
      for (let q: usize = 0; q < 128; q += 16) v128.store(tile + q, f32x4.splat(0));
      for (let i = 0; i < rows; i++) {
        for (let n = 0; n < cols; n++) {
          store<f32>(tile + (<usize>i << 5) + (<usize>n << 2), load<f32>(out + <usize>i * ldc + (<usize>n << 2)));
        }
      }
      packedTile(a, panel, count, tile, 32, true);
      storeCorner(tile, out, ldc, rows, cols);
    }
  }
}
