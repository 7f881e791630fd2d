import { readdirSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { START } from '../test/home-data.ts';
import { makeHome } from '../test/home.ts';
import { openForWriting } from './database.ts';
import { TrackerWriteError, type TrackerWarning } from './index.ts';
import { trackerOver } from './tracker.ts';

/** A tracker whose database may not grow by more than `pages`, and the key to let it grow again. */
function crampedTracker(pages: number) {
  const home = makeHome();
  const database = openForWriting(home);
  const warnings: TrackerWarning[] = [];
  const tracker = trackerOver(database, home, (warning) => warnings.push(warning));
  onTestFinished(() => tracker.close());
  const limit = (count: number): void => void database.pragma(`max_page_count = ${count}`);
  return {
    tracker,
    warnings,
    fill: () => limit(Number(database.pragma('page_count', { simple: true })) + pages),
    free: () => limit(1_000_000),
  };
}

describe('on a full disk', () => {
  it('logging warns, keeps everything, and stores it when there is room again', () => {
    const { tracker, warnings, fill, free } = crampedTracker(2);
    const run = tracker.startRun(START);
    fill();
    for (let step = 0; step < 5000; step++) run.log({ 'train/loss': Math.sin(step) }, { step });
    expect(run.flush()).toBe(false);
    run.logPredictions({
      split: 'test',
      checkpoint: 'c',
      datasetDigest: 'd',
      classes: 10,
      probabilities: new Float32Array(40_000),
    });
    run.setSummary({ 'test/accuracy': 0.9 });
    expect(warnings[0]!.message).toMatch(/the disk is full.*5000 points/);
    expect(tracker.curves(run.id).curves).toEqual([]);
    free();
    expect(run.flush()).toBe(true);
    expect(warnings.at(-1)!.code).toBe('TRACKER_RECOVERED_WRITE');
    run.finish();
    const { points } = tracker.curves(run.id).curves[0]!;
    expect(points.map((point) => point.step)).toEqual(Array.from({ length: 5000 }, (_, step) => step));
    expect(tracker.predictions(run.id, { split: 'test' })!.predicted.length).toBe(4000);
    expect(tracker.listRuns()[0]!.metrics['test/accuracy']).toBe(0.9);
  });

  it('a run cannot be ended silently, and can be ended later', () => {
    const { tracker, fill, free } = crampedTracker(2);
    const run = tracker.startRun(START);
    fill();
    for (let step = 0; step < 5000; step++) run.log({ 'train/loss': Math.sin(step) }, { step });
    expect(() => run.finish()).toThrow(TrackerWriteError);
    expect(tracker.getRun(run.id).status).toBe('RUNNING');
    free();
    run.finish();
    expect(tracker.getRun(run.id).status).toBe('FINISHED');
    expect(tracker.curves(run.id).seq).toBe(5000);
  });

  it('a record too large does not hold up the points, and is named when the run is left', () => {
    const { tracker, warnings, fill } = crampedTracker(20);
    {
      using run = tracker.startRun(START);
      fill();
      const probabilities = new Float32Array(400_000);
      run.logPredictions({ split: 'test', checkpoint: 'c', datasetDigest: 'd', classes: 10, probabilities });
      run.log({ 'train/loss': 1 }, { step: 1 });
      expect(run.flush()).toBe(false);
      expect(tracker.curves(run.id).seq).toBe(1);
      expect(() => run.finish()).toThrow(TrackerWriteError);
    }
    expect(warnings.length).toBe(1);
    const { status, error } = tracker.getRun(1);
    expect(status).toBe('FAILED');
    expect(error!.message).toContain('not stored: predictions of test');
  });

  it('a new run is refused', () => {
    const { tracker, fill } = crampedTracker(0);
    fill();
    const notes = 'x'.repeat(100_000);
    expect(() => tracker.startRun({ ...START, notes })).toThrow(
      'a new run could not be stored: the disk is full',
    );
    expect(tracker.listRuns()).toEqual([]);
  });
});

it('stores what was logged within half a second, by itself', () => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
  onTestFinished(() => void vi.useRealTimers());
  const { tracker } = crampedTracker(1000);
  const run = tracker.startRun(START);
  run.log({ 'train/loss': 1 }, { step: 1 });
  expect(tracker.curves(run.id).seq).toBe(0);
  vi.advanceTimersByTime(500);
  expect(tracker.curves(run.id).seq).toBe(1);
});

it.each([
  { watched: false, stored: 2 },
  { watched: true, stored: 10 },
])('stores a stream every second, or every quarter where somebody looks on: %o', ({ watched, stored }) => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
  onTestFinished(() => void vi.useRealTimers());
  const { tracker } = crampedTracker(1000);
  const run = tracker.startRun(START);
  const seen = new Set<number>();
  for (let step = 0; step < 100; step++) {
    if (watched) tracker.attend();
    run.log({ 'train/loss': 1 }, { step });
    vi.advanceTimersByTime(30);
    seen.add(tracker.curves(run.id).seq);
  }
  seen.delete(0);
  // three seconds of it; how many times it was stored
  expect(seen.size).toBeGreaterThanOrEqual(stored);
  if (!watched) expect(seen.size).toBeLessThan(5);
});

it('stores also while the event loop is blocked', () => {
  const { tracker } = crampedTracker(1000);
  const run = tracker.startRun(START);
  for (let step = 0; step < 24; step++) {
    run.log({ 'train/loss': 1 }, { step });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
  expect(tracker.curves(run.id).seq).toBeGreaterThan(0);
});

it('keeps minimum, maximum and count beside the last value over several flushes', () => {
  const home = makeHome();
  const database = openForWriting(home);
  const tracker = trackerOver(database, home);
  onTestFinished(() => tracker.close());
  const run = tracker.startRun(START);
  for (const burst of [[NaN], [3, NaN, -1], [], [7, 2], [NaN]]) {
    burst.forEach((value, step) => run.log({ a: value }, { step }));
    run.flush();
  }
  expect(database.prepare('SELECT last, min, max, count FROM latest_metrics').get()).toEqual({
    last: null,
    min: -1,
    max: 7,
    count: 7,
  });
});

it('leaves no half-written artifact behind', () => {
  const home = makeHome();
  const database = openForWriting(home);
  const tracker = trackerOver(database, home, () => {});
  onTestFinished(() => tracker.close());
  const run = tracker.startRun(START);
  for (let index = 0; index < 20; index++) run.logArtifact(`a${index}`, Uint8Array.of(index), 'text/plain');
  const files = readdirSync(home, { recursive: true }).map(String);
  expect(files.filter((file) => file.includes('partial'))).toEqual([]);
});
