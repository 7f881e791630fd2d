/** Passes over activations laid out as [rows, columns], columns being the channels. */

/** Rows summed in 32-bit floats before they are added to 64-bit totals. */
const SUM_BLOCK: i32 = 64;

/** dx = x > 0 ? dy : 0, for `count` floats. */
export function reluGradient(x: usize, dy: usize, dx: usize, count: i32): void {
  const end = x + (<usize>(count & ~3) << 2);
  while (x < end) {
    v128.store(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(x), f32x4.splat(0))));
    x += 16;
    dy += 16;
    dx += 16;
  }
  for (let i = 0; i < (count & 3); i++) {
    const at = <usize>i << 2;
    store<f32>(dx + at, load<f32>(x + at) > 0 ? load<f32>(dy + at) : 0);
  }
}

@inline
function addTotals(totals: usize, sum: v128): void {
  v128.store(totals, f64x2.add(v128.load(totals), f64x2.promote_low_f32x4(sum)));
  const high = v128.shuffle<i32>(sum, sum, 2, 3, 2, 3);
  v128.store(totals, f64x2.add(v128.load(totals, 16), f64x2.promote_low_f32x4(high)), 16);
}

function clear(at: usize, bytes: usize): void {
  memory.fill(at, 0, bytes);
}

function writeTotals(totals: usize, out: usize, columns: i32, scale: f64): void {
  for (let c = 0; c < columns; c++) {
    store<f32>(out + (<usize>c << 2), <f32>(load<f64>(totals + (<usize>c << 3)) * scale));
  }
}

/** out[columns] = scale * the column sums of x[rows, columns]; totals: columns x 8 bytes of scratch. */
export function columnSums(x: usize, out: usize, totals: usize, rows: i32, columns: i32, scale: f64): void {
  clear(totals, <usize>columns << 3);
  const rowBytes = <usize>columns << 2;
  const whole = columns & ~3;
  for (let first = 0; first < rows; first += SUM_BLOCK) {
    const count = min(SUM_BLOCK, rows - first);
    const block = x + <usize>first * rowBytes;
    for (let c = 0; c < whole; c += 4) {
      let sum = f32x4.splat(0);
      let at = block + (<usize>c << 2);
      for (let i = 0; i < count; i++) {
        sum = f32x4.add(sum, v128.load(at));
        at += rowBytes;
      }
      addTotals(totals + (<usize>c << 3), sum);
    }
    for (let c = whole; c < columns; c++) {
      let sum: f64 = 0;
      for (let i = 0; i < count; i++) sum += load<f32>(block + <usize>i * rowBytes + (<usize>c << 2));
      const at = totals + (<usize>c << 3);
      store<f64>(at, load<f64>(at) + sum);
    }
  }
  writeTotals(totals, out, columns, scale);
}

/** out[columns] = scale * the column sums of (x - mean)^2. */
export function columnSquares(
  x: usize, mean: usize, out: usize, totals: usize, rows: i32, columns: i32, scale: f64,
): void {
  clear(totals, <usize>columns << 3);
  const rowBytes = <usize>columns << 2;
  const whole = columns & ~3;
  for (let first = 0; first < rows; first += SUM_BLOCK) {
    const count = min(SUM_BLOCK, rows - first);
    const block = x + <usize>first * rowBytes;
    for (let c = 0; c < whole; c += 4) {
      let sum = f32x4.splat(0);
      const centre = v128.load(mean + (<usize>c << 2));
      let at = block + (<usize>c << 2);
      for (let i = 0; i < count; i++) {
        const d = f32x4.sub(v128.load(at), centre);
        sum = f32x4.add(sum, f32x4.mul(d, d));
        at += rowBytes;
      }
      addTotals(totals + (<usize>c << 3), sum);
    }
    for (let c = whole; c < columns; c++) {
      let sum: f64 = 0;
      const centre = load<f32>(mean + (<usize>c << 2));
      for (let i = 0; i < count; i++) {
        const d = <f64>(load<f32>(block + <usize>i * rowBytes + (<usize>c << 2)) - centre);
        sum += d * d;
      }
      const at = totals + (<usize>c << 3);
      store<f64>(at, load<f64>(at) + sum);
    }
  }
  writeTotals(totals, out, columns, scale);
}

/** sums[columns] = column sums of dy, dots[columns] = column sums of dy * (x - mean); totals: columns x 16 bytes. */
export function columnDots(
  dy: usize, x: usize, mean: usize, sums: usize, dots: usize, totals: usize, rows: i32, columns: i32,
): void {
  clear(totals, <usize>columns << 4);
  const dotTotals = totals + (<usize>columns << 3);
  const rowBytes = <usize>columns << 2;
  const whole = columns & ~3;
  for (let first = 0; first < rows; first += SUM_BLOCK) {
    const count = min(SUM_BLOCK, rows - first);
    const block = <usize>first * rowBytes;
    for (let c = 0; c < whole; c += 4) {
      let sum = f32x4.splat(0), dot = f32x4.splat(0);
      const centre = v128.load(mean + (<usize>c << 2));
      let at = block + (<usize>c << 2);
      for (let i = 0; i < count; i++) {
        const g = v128.load(dy + at);
        sum = f32x4.add(sum, g);
        dot = f32x4.add(dot, f32x4.mul(g, f32x4.sub(v128.load(x + at), centre)));
        at += rowBytes;
      }
      addTotals(totals + (<usize>c << 3), sum);
      addTotals(dotTotals + (<usize>c << 3), dot);
    }
    for (let c = whole; c < columns; c++) {
      let sum: f64 = 0, dot: f64 = 0;
      const centre = load<f32>(mean + (<usize>c << 2));
      for (let i = 0; i < count; i++) {
        const at = block + <usize>i * rowBytes + (<usize>c << 2);
        const g = load<f32>(dy + at);
        sum += g;
        dot += <f64>(g * (load<f32>(x + at) - centre));
      }
      const at = <usize>c << 3;
      store<f64>(totals + at, load<f64>(totals + at) + sum);
      store<f64>(dotTotals + at, load<f64>(dotTotals + at) + dot);
    }
  }
  writeTotals(totals, sums, columns, 1);
  writeTotals(dotTotals, dots, columns, 1);
}

/** y = x * scale + shift, per column. */
export function scaleColumns(x: usize, scale: usize, shift: usize, y: usize, rows: i32, columns: i32): void {
  const whole = columns & ~3;
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < whole; c += 4) {
      const at = <usize>c << 2;
      v128.store(y + at, f32x4.add(f32x4.mul(v128.load(x + at), v128.load(scale + at)), v128.load(shift + at)));
    }
    for (let c = whole; c < columns; c++) {
      const at = <usize>c << 2;
      store<f32>(y + at, load<f32>(x + at) * load<f32>(scale + at) + load<f32>(shift + at));
    }
    x += <usize>columns << 2;
    y += <usize>columns << 2;
  }
}

/** out = a * p + b * q + r, per column. */
export function blendColumns(
  a: usize, p: usize, b: usize, q: usize, r: usize, out: usize, rows: i32, columns: i32,
): void {
  const whole = columns & ~3;
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < whole; c += 4) {
      const at = <usize>c << 2;
      const left = f32x4.mul(v128.load(a + at), v128.load(p + at));
      const right = f32x4.add(f32x4.mul(v128.load(b + at), v128.load(q + at)), v128.load(r + at));
      v128.store(out + at, f32x4.add(left, right));
    }
    for (let c = whole; c < columns; c++) {
      const at = <usize>c << 2;
      const right = load<f32>(b + at) * load<f32>(q + at) + load<f32>(r + at);
      store<f32>(out + at, load<f32>(a + at) * load<f32>(p + at) + right);
    }
    const bytes = <usize>columns << 2;
    a += bytes;
    b += bytes;
    out += bytes;
  }
}

/**
 * maxPoolGradient for windows of 2x2 with stride 2 and no padding, channels a multiple of 4: windows do not overlap, so that
 * each is written once.
 */
export function maxPoolGradient2x2(
  x: usize, dy: usize, dx: usize, batch: i32, sourceHeight: i32, sourceWidth: i32, channels: i32, height: i32, width: i32,
): void {
  const pixelBytes = <usize>channels << 2;
  const rowBytes = <usize>sourceWidth * pixelBytes;
  for (let image = 0; image < batch; image++) {
    for (let oy = 0; oy < height; oy++) {
      let at = <usize>(image * sourceHeight + 2 * oy) * rowBytes;
      for (let ox = 0; ox < width; ox++) {
        const end = at + pixelBytes;
        while (at < end) {
          const right = at + pixelBytes, below = at + rowBytes, corner = below + pixelBytes;
          const x0 = v128.load(x + at), x1 = v128.load(x + right), x2 = v128.load(x + below), x3 = v128.load(x + corner);
          const best = f32x4.max(f32x4.max(x0, x1), f32x4.max(x2, x3));
          const g = v128.load(dy);
          const m0 = f32x4.eq(x0, best), m1 = f32x4.eq(x1, best), m2 = f32x4.eq(x2, best), m3 = f32x4.eq(x3, best);
          v128.store(dx + at, v128.and(g, m0));
          v128.store(dx + right, v128.and(g, v128.andnot(m1, m0)));
          const upper = v128.or(m0, m1);
          v128.store(dx + below, v128.and(g, v128.andnot(m2, upper)));
          v128.store(dx + corner, v128.and(g, v128.andnot(m3, v128.or(upper, m2))));
          dy += 16;
          at += 16;
        }
        at += pixelBytes;
      }
    }
  }
}

/** dx += dy at the first place of the maximum of each window; dx starts at zero. */
export function maxPoolGradient(
  x: usize, dy: usize, dx: usize, batch: i32, sourceHeight: i32, sourceWidth: i32, channels: i32, height: i32, width: i32,
  windowHeight: i32, windowWidth: i32, strideY: i32, strideX: i32, padTop: i32, padLeft: i32, dilationY: i32, dilationX: i32,
): void {
  const whole = channels & ~3;
  const pixelBytes = <usize>channels << 2;
  for (let image = 0; image < batch; image++) {
    for (let oy = 0; oy < height; oy++) {
      for (let ox = 0; ox < width; ox++) {
        const top = oy * strideY - padTop;
        const left = ox * strideX - padLeft;
        for (let c = 0; c < channels; c += 4) {
          const vector = c < whole;
          const step = vector ? 4 : channels - c;
          const shift = <usize>c << 2;
          let best = f32x4.splat(-Infinity);
          for (let ky = 0; ky < windowHeight; ky++) {
            const sy = top + ky * dilationY;
            if (sy < 0 || sy >= sourceHeight) continue;
            for (let kx = 0; kx < windowWidth; kx++) {
              const sx = left + kx * dilationX;
              if (sx < 0 || sx >= sourceWidth) continue;
              const at = <usize>((image * sourceHeight + sy) * sourceWidth + sx) * pixelBytes + shift;
              best = f32x4.max(best, loadSome(x + at, step));
            }
          }
          let waiting = i32x4.splat(-1);
          const g = loadSome(dy, step);
          for (let ky = 0; ky < windowHeight; ky++) {
            const sy = top + ky * dilationY;
            if (sy < 0 || sy >= sourceHeight) continue;
            for (let kx = 0; kx < windowWidth; kx++) {
              const sx = left + kx * dilationX;
              if (sx < 0 || sx >= sourceWidth) continue;
              const at = <usize>((image * sourceHeight + sy) * sourceWidth + sx) * pixelBytes + shift;
              const here = v128.and(waiting, f32x4.eq(loadSome(x + at, step), best));
              waiting = v128.andnot(waiting, here);
              storeSome(dx + at, f32x4.add(loadSome(dx + at, step), v128.and(g, here)), step);
            }
          }
          dy += <usize>step << 2;
        }
      }
    }
  }
}

@inline
function loadSome(at: usize, count: i32): v128 {
  if (count == 4) return v128.load(at);
  let value = f32x4.splat(load<f32>(at));
  if (count > 1) value = f32x4.replace_lane(value, 1, load<f32>(at, 4));
  if (count > 2) value = f32x4.replace_lane(value, 2, load<f32>(at, 8));
  return value;
}

@inline
function storeSome(at: usize, value: v128, count: i32): void {
  if (count == 4) {
    v128.store(at, value);
    return;
  }
  store<f32>(at, f32x4.extract_lane(value, 0));
  if (count > 1) store<f32>(at, f32x4.extract_lane(value, 1), 4);
  if (count > 2) store<f32>(at, f32x4.extract_lane(value, 2), 8);
}

/** The finalizer of MurmurHash3 on four words. */
@inline
function mix(h: v128): v128 {
  h = v128.xor(h, i32x4.shr_u(h, 16));
  h = i32x4.mul(h, i32x4.splat(0x85ebca6b));
  h = v128.xor(h, i32x4.shr_u(h, 13));
  h = i32x4.mul(h, i32x4.splat(0xc2b2ae35));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

/** x * scale where the level is not below `dropped`, else 0. */
@inline
function dropFour(x: usize, y: usize, levels: v128, dropped: v128, scale: v128): void {
  const kept = i32x4.ge_u(levels, dropped);
  v128.store(y, v128.and(f32x4.mul(v128.load(x), scale), kept));
}

/** Eight floats of dropout, whose words start at `first`. */
@inline
function dropEight(x: usize, y: usize, first: i32, k0: v128, k1: v128, dropped: v128, scale: v128): void {
  const j = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  const words = mix(i32x4.add(mix(v128.xor(j, k0)), k1));
  const low = v128.and(words, i32x4.splat(0xffff));
  const high = i32x4.shr_u(words, 16);
  dropFour(x, y, v128.shuffle<i32>(low, high, 0, 4, 1, 5), dropped, scale);
  dropFour(x + 16, y + 16, v128.shuffle<i32>(low, high, 2, 6, 3, 7), dropped, scale);
}

/**
 * Dropout by counter, as training/kernels.ts defines it: two 16-bit levels a word, the low half first.
 * rest: 32 bytes of scratch for what is left after the last whole eight floats.
 */
export function seededDropout(
  x: usize, y: usize, rest: usize, count: i32, key0: i32, key1: i32, dropped: i32, factor: f32,
): void {
  const k0 = i32x4.splat(key0);
  const k1 = i32x4.splat(key1);
  const level = i32x4.splat(dropped);
  const scale = f32x4.splat(factor);
  const whole = count & ~7;
  for (let i = 0; i < whole; i += 8) {
    const at = <usize>i << 2;
    dropEight(x + at, y + at, i >> 1, k0, k1, level, scale);
  }
  if (whole === count) return;
  const at = <usize>whole << 2;
  const bytes = <usize>(count - whole) << 2;
  memory.fill(rest, 0, 32);
  memory.copy(rest, x + at, bytes);
  dropEight(rest, rest, whole >> 1, k0, k1, level, scale);
  memory.copy(y + at, rest, bytes);
}
