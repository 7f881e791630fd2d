import { describe, expect, it, onTestFinished } from 'vitest';
import { START } from '../../test/home-data.ts';
import { makeHome } from '../../test/home.ts';
import { openForWriting } from '../database.ts';
import { openTracker, type Tracker } from '../index.ts';
import { decodeColumns, encodeColumns } from './columns.ts';
import type { CurveView } from './curve-reader.ts';

/** mulberry32: a small seeded generator for tests. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Logged {
  step: number;
  epoch: number;
  value: number;
}

/** A curve with spikes, NaN, infinities and, where wanted, steps that go back. */
function makeCurve(count: number, seed: number, back: boolean): Logged[] {
  const next = random(seed);
  let step = 0;
  return Array.from({ length: count }, () => {
    step += back && next() < 0.001 ? -Math.floor(next() * 50) : 1 + Math.floor(next() * 3);
    const odd = next();
    const value = odd < 0.001 ? NaN : odd < 0.002 ? Infinity : odd < 0.003 ? -Infinity : next() * 2 - 1;
    return { step, epoch: step / 430, value: odd > 0.9995 ? value * 1000 : value };
  });
}

function record(tracker: Tracker, points: readonly Logged[], next: () => number): number {
  const run = tracker.startRun(START);
  for (const { step, epoch, value } of points) {
    run.log({ 'train/loss': value, other: -value }, { step, epoch });
    if (next() < 0.0008) run.flush();
  }
  run.finish();
  return run.id;
}

/** What a view of whole buckets must be, computed point by point. */
function expectExact(view: CurveView, points: readonly Logged[], from: number, to: number): void {
  const { span } = view;
  let seen = 0;
  for (const bucket of view.buckets) {
    const within = (at: number): boolean => {
      const steps = points.slice(at, at + span).map((point) => point.step);
      return Math.min(...steps) <= to && Math.max(...steps) >= from;
    };
    while (!within(seen * span)) seen++;
    const part = points.slice(seen * span, (seen + 1) * span);
    const finite = part.map((point) => point.value).filter(Number.isFinite);
    const least = finite.length === 0 ? NaN : Math.min(...finite);
    const most = finite.length === 0 ? NaN : Math.max(...finite);
    const values = part.map((point) => point.value);
    expect(bucket).toMatchObject({
      count: part.length,
      min: least,
      max: most,
      last: values.at(-1),
      epoch: part.at(-1)!.epoch,
      stepMin: Math.min(...part.map((point) => point.step)),
      stepMax: Math.max(...part.map((point) => point.step)),
      hasNaN: values.some(Number.isNaN),
      hasInfinity: values.includes(Infinity),
      hasNegativeInfinity: values.includes(-Infinity),
    });
    seen++;
  }
  const left = points.slice(seen * span).filter(({ step }) => step >= from && step <= to);
  expect(left).toEqual([]);
}

describe('columns', () => {
  it.each([
    ['constant', [3.25, 3.25, 3.25], 8],
    ['all NaN', [NaN, NaN], 8],
    ['even steps', Array.from({ length: 500 }, (_, at) => 7 + 3 * at), 16],
    ['times', Array.from({ length: 500 }, (_, at) => 1.7e12 + at * 20 + (at % 3)), 8 + 499],
    ['float32', Array.from({ length: 100 }, (_, at) => Math.fround(Math.sin(at))), 400],
    ['doubles', Array.from({ length: 100 }, (_, at) => Math.sin(at)), 800],
    ['far jumps', [0, 2 ** 52 + 1, -(2 ** 52), 5], 32],
    ['odd values', [-0, 0, NaN, Infinity, -Infinity, 5e-324], 48],
    ['negative zeros', [0, -0, 0], 12],
    ['one value', [0.1], 8],
  ])('keep %s exactly', (_, values, size) => {
    const blob = encodeColumns([Float64Array.from(values)]);
    expect([...decodeColumns(blob, 1)[0]!]).toEqual(values);
    expect(blob.length).toBe(8 + 8 + Math.ceil(size / 8) * 8);
  });

  it('store epochs as what they are: steps by the steps per epoch', () => {
    const steps = Float64Array.from({ length: 1000 }, (_, at) => 20 * at + (at % 7));
    const epochs = steps.map((step) => step / 859);
    const blob = encodeColumns([steps, epochs]);
    expect(decodeColumns(blob, 2)[1]).toEqual(epochs);
    expect(blob.length).toBeLessThan(8 + 8 + 1016 + 16 + 8);
  });

  it('refuse what they did not write', () => {
    expect(() => decodeColumns(Buffer.alloc(16), 1)).toThrow(RangeError);
  });
});

describe('a long curve', () => {
  it.each([
    [1, 1],
    [4096, 2],
    [4097, 3],
    [20_000, 4],
    [150_001, 5],
  ])('of %i points comes back whole, and its views are exact at every zoom', (count, seed) => {
    const next = random(seed);
    using tracker = openTracker({ home: makeHome() });
    const points = makeCurve(count, seed, seed % 2 === 1);
    const id = record(tracker, points, next);
    const { seq, curves } = tracker.curves(id, { keys: ['train/loss'] });
    expect(seq).toBe(2 * count);
    expect(curves[0]!.points.map(({ value }) => value)).toEqual(points.map(({ value }) => value));
    expect(curves[0]!.points.map(({ step }) => step)).toEqual(points.map(({ step }) => step));
    const last = points.at(-1)!.step;
    const ranges = [
      [-Infinity, Infinity],
      ...Array.from({ length: 6 }, () => [next() * last, next() * last]),
    ];
    for (const [a, b] of ranges as [number, number][]) {
      const from = Math.min(a, b);
      const to = Math.max(a, b);
      const range = Number.isFinite(from) ? { from: Math.ceil(from), to: Math.floor(to) } : {};
      for (const pixels of [1, 50, 700]) {
        const view = tracker.curve(id, 'train/loss', { ...range, pixels })!;
        expect(view.total).toBe(count);
        expectExact(view, points, from, to);
        const inRange = points.filter(({ step }) => step >= from && step <= to).length;
        if (inRange >= 2 * pixels) expect(view.buckets.length).toBeGreaterThanOrEqual(pixels);
        expect(view.buckets.length).toBeLessThan(4 * pixels + 20);
      }
    }
  });

  it('keeps its old buckets when it grows', () => {
    const home = makeHome();
    using tracker = openTracker({ home });
    using run = tracker.startRun(START);
    const next = random(9);
    let before: CurveView | undefined;
    for (let step = 0; step < 9000; step++) {
      run.log({ a: next() }, { step });
      if (step % 1100 !== 0) continue;
      run.flush();
      const view = tracker.curve(run.id, 'a', { pixels: 100 })!;
      if (before !== undefined && before.span === view.span) {
        const whole = before.buckets.filter((bucket) => bucket.count === before!.span);
        expect(view.buckets.slice(0, whole.length)).toEqual(whole);
      }
      before = view;
    }
  });

  it('is stored in few bytes and few rows', () => {
    const home = makeHome();
    {
      using tracker = openTracker({ home });
      const run = tracker.startRun(START);
      for (let step = 0; step < 100_000; step++) {
        run.log({ a: Math.fround(Math.sin(step)) }, { step, epoch: step / 430 });
        if (step % 40 === 0) run.flush();
      }
      run.finish();
    }
    const database = openForWriting(home);
    onTestFinished(() => void database.close());
    const rows = database
      .prepare('SELECT level, count(*) AS rows, sum(length(data)) AS bytes FROM curve_chunks GROUP BY level')
      .all() as {
      level: number;
      rows: number;
      bytes: number;
    }[];
    expect(rows[0]!.rows).toBeLessThan(24 + 17);
    expect(rows.reduce((sum, row) => sum + row.bytes, 0) / 100_000).toBeLessThan(8);
    expect(rows.map(({ level }) => level)).toEqual([0, 1, 2, 3]);
  });

  it('of an unknown name is none, and no width is refused', () => {
    using tracker = openTracker({ home: makeHome() });
    using run = tracker.startRun(START);
    run.setSummary({ 'test/accuracy': 1 });
    expect(tracker.curve(run.id, 'train/loss')).toBeUndefined();
    expect(tracker.curve(run.id, 'test/accuracy')).toBeUndefined();
    expect(tracker.curves(run.id).curves).toEqual([]);
    expect(() => tracker.curve(run.id, 'x', { pixels: 0 })).toThrow('at least 1');
  });
});
