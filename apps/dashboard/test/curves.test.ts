import { removeFolder } from '@atelier/tracker/testing/home';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTracker, type Tracker } from '@atelier/tracker';
import type { Hono } from 'hono';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CurveViews } from '../src/api/curves.ts';
import { Quality } from '../src/api/quality.ts';
import { ConsolePage, Diff } from '../src/api/records.ts';
import { createApp } from '../src/index.ts';
import { addRun, labels, record, startRun } from './store.ts';

let home: string;
let tracker: Tracker;
let app: Hono;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'atelier-curves-'));
  tracker = openTracker({ home });
  app = createApp(tracker, () => Promise.reject(new Error('no images here')));
});

afterEach(() => {
  tracker.close();
  removeFolder(home);
});

async function views(query: string): Promise<CurveViews> {
  const response = await app.request(`/api/curves?${query}`);
  expect(response.status).toBe(200);
  return CurveViews.parse(await response.json());
}

/** A curve whose one peak and one dip no summing up may lose. */
function longRun(values: readonly number[], parameters: Record<string, number> = {}): number {
  const run = tracker.startRun({ project: 'p', config: parameters });
  values.forEach((value, at) => run.log({ 'train/loss': value }, { step: at + 1, epoch: 1 }));
  run.finish();
  return run.id;
}

it('keeps the extremes of a long curve exactly, and shows every point of a short stretch', async () => {
  const values = Array.from({ length: 20_000 }, (_, at) => Math.sin(at / 900));
  values[7777] = 1234.5;
  values[15_001] = -99.25;
  const id = longRun(values);
  const [whole] = (await views(`runs=${id}&keys=train/loss&pixels=300`)).lines;
  expect(whole!.total).toBe(20_000);
  expect(whole!.step.length).toBeLessThan(1300);
  expect(Math.max(...(whole!.max as number[]))).toBe(1234.5);
  expect(Math.min(...(whole!.min as number[]))).toBe(-99.25);
  const [part] = (await views(`runs=${id}&keys=train/loss&pixels=300&from=7700&to=7800`)).lines;
  expect(part).toMatchObject({ span: 1, min: null, max: null });
  expect(part!.step).toEqual(Array.from({ length: 101 }, (_, at) => 7700 + at));
  expect(part!.last).toEqual(values.slice(7699, 7800));
});

it('leaves out extremes and digits where asked to, for many lines at once', async () => {
  const values = Array.from({ length: 20_000 }, (_, at) => 2 + Math.sin(at / 900) / 3);
  const path = `runs=${longRun(values)}&keys=train/loss&pixels=300&smooth=0.9`;
  const [exact] = (await views(path)).lines;
  const [short] = (await views(`${path}&extremes=false&digits=6`)).lines;
  expect(short).toMatchObject({ step: exact!.step, span: exact!.span, min: null, max: null });
  for (const column of ['last', 'smooth'] as const) {
    short![column]!.forEach((value, at) => {
      expect(Math.abs(value! - exact![column]![at]!)).toBeLessThanOrEqual(0.5000001e-5);
      expect(String(value).length).toBeLessThanOrEqual('2.33333'.length);
    });
  }
  const answer = await app.request(`/api/curves?${path}&digits=2`);
  expect(answer.status).toBe(400);
});

it('smooths over every point before it leaves any out, and goes on where points were added', async () => {
  const values = Array.from({ length: 5000 }, (_, at) => Math.cos(at / 50) + ((at * 7919) % 13) / 10);
  values[100] = NaN;
  const run = tracker.startRun({ project: 'p' });
  const log = (from: number, to: number) => {
    for (let at = from; at < to; at++) run.log({ 'train/loss': values[at]! }, { step: at + 1 });
    run.flush();
  };
  // the definition, without recursion on what the server keeps: sums of weights
  const meanAt = (last: number): number => {
    let [sum, mass] = [0, 0];
    let weight = 1;
    for (let at = last; at >= 0 && weight > 1e-18; at--) {
      if (Number.isNaN(values[at])) continue;
      sum += weight * values[at]!;
      mass += weight;
      weight *= 0.97;
    }
    return sum / mass;
  };
  for (const [from, to] of [
    [0, 3000],
    [3000, 5000],
  ] as const) {
    log(from, to);
    const [line] = (await views(`runs=${run.id}&keys=train/loss&pixels=100&smooth=0.97`)).lines;
    expect(line!.step.at(-1)).toBe(to);
    line!.step.forEach((step, at) => expect(line!.smooth![at]).toBeCloseTo(meanAt(step - 1), 9));
  }
  run.finish();
});

it('says where a curve is not a number', async () => {
  const id = longRun([1, NaN, Infinity, -Infinity, 2]);
  const [line] = (await views(`runs=${id}&keys=train/loss`)).lines;
  expect(line!.last).toEqual([1, null, null, null, 2]);
  expect(line!.odd).toEqual([
    [1, 1],
    [2, 2],
    [3, 4],
  ]);
});

it('places points by images and epochs, and names the runs for which it cannot', async () => {
  const sized = longRun([3, 2, 1], { batchSize: 64 });
  const unsized = longRun([3, 2, 1]);
  const answer = await views(`runs=${sized},${unsized},999&keys=train/loss,val/loss&x=images`);
  expect(answer.lines.map(({ run, x }) => [run, x])).toEqual([[sized, [64, 128, 192]]]);
  expect(answer.withoutAxis).toEqual([unsized]);
  expect(answer.unknown).toEqual([999]);
  const run = startRun(tracker, { name: 'epochs', seed: 1, accuracy: 0.9 });
  for (let step = 1; step <= 8; step++) run.log({ 'train/loss': step }, { step, epoch: Math.ceil(step / 4) });
  run.log({ 'val/loss': 1 }, { step: 8, epoch: 2 });
  run.finish();
  const [line] = (await views(`runs=${run.id}&keys=train/loss&x=epoch`)).lines;
  expect(line!.x).toEqual([0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]);
});

it('tells a run that was deleted while it was looked at', async () => {
  const id = longRun([3, 2, 1]);
  expect((await views(`runs=${id}&keys=train/loss`)).lines).toHaveLength(1);
  tracker.trash([id]);
  tracker.purge();
  const answer = await views(`runs=${id}&keys=train/loss`);
  expect(answer).toMatchObject({ lines: [], unknown: [id] });
});

it.each(['keys=train/loss', 'runs=x&keys=a', 'runs=1', 'runs=1&keys=a&x=moon', 'runs=1&keys=a&smooth=1'])(
  'refuses %s',
  async (query) => {
    const response = await app.request(`/api/curves?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'REQUEST_INVALID' });
  },
);

it('takes 500 runs and no more', async () => {
  const ids = Array.from({ length: 501 }, (_, at) => at + 1);
  expect((await views(`runs=${ids.slice(1).join()}&keys=train/loss`)).unknown).toHaveLength(500);
  expect((await app.request(`/api/curves?runs=${ids.join()}&keys=train/loss`)).status).toBe(400);
});

it('judges probabilities: calibration, its temperature, and every class against the rest', async () => {
  const id = addRun(
    tracker,
    { name: 'judged', seed: 3, accuracy: 0.8 },
    record({ val: labels(400), test: labels(400) }),
  );
  const response = await app.request(`/api/runs/${id}/quality?split=test`);
  const quality = Quality.parse(await response.json());
  const { predicted, probabilities } = tracker.predictions(id, { split: 'test' })!;
  const truth = labels(400);
  // by their definitions, from the ledger
  const brier =
    probabilities.reduce(
      (sum, p, at) => sum + (p - (truth[Math.floor(at / 10)] === at % 10 ? 1 : 0)) ** 2,
      0,
    ) / 400;
  expect(quality.calibration.brier).toBeCloseTo(brier, 9);
  const bins = Array.from({ length: 15 }, () => ({ sure: 0, right: 0 }));
  predicted.forEach((answer, at) => {
    const sure = probabilities[at * 10 + answer]!;
    const bin = bins[Math.min(14, Math.ceil(sure * 15) - 1)]!;
    bin.sure += sure;
    bin.right += answer === truth[at] ? 1 : 0;
  });
  const ece = bins.reduce((sum, { sure, right }) => sum + Math.abs(sure - right), 0) / 400;
  expect(quality.calibration.ece).toBeCloseTo(ece, 9);
  expect(quality.calibration.bins.reduce((sum, { count }) => sum + count, 0)).toBe(400);
  expect(quality.calibration.temperature).toMatchObject({ on: 'val' });
  quality.perClass.forEach(({ roc, rocArea }) => {
    expect(roc[0]).toEqual([0, 0]);
    expect(roc.at(-1)).toEqual([1, 1]);
    const area = roc
      .slice(1)
      .reduce((sum, [x, y], at) => sum + ((x - roc[at]![0]) * (y + roc[at]![1])) / 2, 0);
    expect(Math.abs(area - rocArea!)).toBeLessThan(0.01);
  });
});

it('says that a run has no predictions, no changes, no run', async () => {
  const id = longRun([1]);
  const codes = ['quality', 'diff'].map(async (path) => {
    const response = await app.request(`/api/runs/${id}/${path}`);
    return [response.status, ((await response.json()) as { code: string }).code];
  });
  expect(await Promise.all(codes)).toEqual([
    [404, 'NO_PREDICTIONS'],
    [404, 'ARTIFACT_UNKNOWN'],
  ]);
  for (const path of ['quality', 'diff', 'console']) {
    expect((await app.request(`/api/runs/77/${path}`)).status).toBe(404);
  }
});

it('gives what a run printed, line by line, and its uncommitted changes', async () => {
  const run = tracker.startRun({ project: 'p', capture: { console: true } });
  process.stdout.write('first\nsecond\n');
  process.stderr.write('third\n');
  run.logArtifact('git/uncommitted.diff', new TextEncoder().encode('+new line\n'), 'text/x-diff');
  run.finish();
  const page = async (after: number) =>
    ConsolePage.parse(await (await app.request(`/api/runs/${run.id}/console?after=${after}`)).json());
  const all = await page(0);
  expect(all.lines.map(({ stream, text }) => [stream, text])).toEqual([
    ['out', 'first'],
    ['out', 'second'],
    ['err', 'third'],
  ]);
  expect((await page(2)).lines.map(({ text }) => text)).toEqual(['third']);
  expect(await page(all.next)).toEqual({ lines: [], next: 3 });
  const diff = await app.request(`/api/runs/${run.id}/diff`);
  expect(Diff.parse(await diff.json())).toEqual({ text: '+new line\n', cut: false });
});
