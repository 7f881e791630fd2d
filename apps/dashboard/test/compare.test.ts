import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTracker, type Tracker } from '@atelier/tracker';
import type { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Comparison, RunSet, StackSet } from '../src/api/compare.ts';
import { CurveViews } from '../src/api/curves.ts';
import { Calibration, ConsoleLines, Ranking } from '../src/api/judgement.ts';
import { createApp } from '../src/index.ts';
import { addRun, labels, madeDataset, record, startRun } from './store.ts';

let home: string;
let tracker: Tracker;
let app: Hono;
let other: number;
let bare: number;
const LONG = 5000;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'atelier-compare-'));
  tracker = openTracker({ home });
  const dataset = record({ val: labels(200), test: labels(400) });
  addRun(tracker, { name: 'a', seed: 1, accuracy: 0.7 }, dataset);
  addRun(tracker, { name: 'b', seed: 2, accuracy: 0.95, settings: { batchSize: 64 } }, dataset);
  const elsewhere = { ...record({ val: labels(200), test: labels(300) }), digest: 'e'.repeat(64) };
  other = addRun(tracker, { name: 'elsewhere', seed: 3, accuracy: 0.9 }, elsewhere);
  const run = startRun(tracker, { name: 'bare', seed: 4, accuracy: 0.9 });
  for (let step = 1; step <= LONG; step++) {
    run.log({ 'train/loss': step === 777 ? 1000 : step === 2500 ? NaN : Math.cos(step) }, { step });
  }
  run.finish();
  bare = run.id;
  app = createApp(tracker, () => Promise.resolve(madeDataset(400)));
});

afterAll(() => {
  tracker.close();
  rmSync(home, { recursive: true, force: true });
});

async function get(path: string): Promise<{ status: number; body: unknown }> {
  const response = await app.request(path);
  return { status: response.status, body: await response.json() };
}

describe('two runs', () => {
  it('are judged with a verdict, and their matrices add up to the flow', async () => {
    const found = Comparison.parse((await get('/api/compare?a=1&b=2')).body);
    expect(found.outcome).toBe('better');
    expect(found.verdict[0]).toMatch(/^b is better than a by /);
    const [t, p] = [6, 0];
    const from = found.flow[t]![p]!.reduce((sum, count) => sum + count, 0);
    const to = found.flow[t]!.reduce((sum, row) => sum + row[p]!, 0);
    expect(from).toBe(found.a.matrix[t]![p]);
    expect(to).toBe(found.b.matrix[t]![p]);
  });

  it('lie in four stacks that hold every sample once, and those of a cell', async () => {
    const all = StackSet.parse((await get('/api/compare/stacks?a=1&b=2')).body);
    expect(all.stacks.reduce((sum, { total }) => sum + total, 0)).toBe(400);
    const fixed = all.stacks.find(({ name }) => name === 'fixed')!;
    expect(fixed.samples.every((one) => one.a.predicted !== one.true && one.b.predicted === one.true)).toBe(
      true,
    );
    const cell = StackSet.parse((await get('/api/compare/stacks?a=1&b=2&true=6&predicted=0&limit=96')).body);
    const samples = cell.stacks.flatMap((stack) => stack.samples);
    expect(samples.length).toBeGreaterThan(0);
    expect(samples.every((one) => one.true === 6 && [one.a.predicted, one.b.predicted].includes(0))).toBe(
      true,
    );
    const one = StackSet.parse((await get('/api/compare/stacks?a=1&b=2&stack=broken&offset=1&limit=2')).body);
    expect(one.stacks.map(({ name }) => name)).toEqual(['broken']);
  });

  it('give a report as Markdown and as a page that runs nothing', async () => {
    const markdown = await (await app.request('/api/compare/report?a=1&b=2')).text();
    expect(markdown).toMatch(/^## b \\?\(B\\?\) against a/);
    const html = await app.request('/api/compare/report?a=1&b=2&format=html');
    expect(html.headers.get('content-disposition')).toContain('attachment');
    const text = await html.text();
    expect(text).toContain('<h2>Each class (%)</h2>');
    expect(text).not.toContain('<script');
  });

  it('of different data, the same run, no predictions or no run: said', async () => {
    const codes = await Promise.all(
      [`a=1&b=${other}`, 'a=1&b=1', `a=1&b=${bare}`, 'a=1&b=999', 'a=1&b=x'].map(async (query) => {
        const { status, body } = await get(`/api/compare?${query}`);
        return [status, (body as { code: string }).code];
      }),
    );
    expect(codes).toEqual([
      [400, 'LEDGER_MISMATCH'],
      [400, 'LEDGER_MISMATCH'],
      [404, 'NO_PREDICTIONS'],
      [404, 'RUN_UNKNOWN'],
      [400, 'REQUEST_INVALID'],
    ]);
  });
});

it('lays runs side by side and says which parameters differ and which runs are missing', async () => {
  const set = RunSet.parse((await get('/api/compare/runs?runs=2,1,999')).body);
  expect(set.runs.map(({ name }) => name)).toEqual(['b', 'a']);
  expect(set.missing).toEqual([999]);
  const differing = set.parameters.filter(({ differs }) => differs);
  expect(differing).toEqual([
    { name: 'batchSize', differs: true, values: [64, 128] },
    { name: 'seed', differs: true, values: [2, 1] },
  ]);
  const many = Array.from({ length: 501 }, (_, id) => id + 1).join();
  expect((await get(`/api/compare/runs?runs=${many}`)).status).toBe(400);
});

describe('curves', () => {
  it('are summed up without losing an extreme or a NaN, and finer where zoomed', async () => {
    const path = `/api/curves?runs=${bare},999&keys=train/loss,nothing&pixels=100`;
    const whole = CurveViews.parse((await get(path)).body);
    expect(whole.missing).toEqual([999]);
    const [curve] = whole.curves;
    expect(whole.curves).toHaveLength(1);
    expect(curve!.total).toBe(LONG);
    expect(curve!.to.length).toBeLessThan(400);
    expect(Math.max(...curve!.max!.map((value) => value ?? -1))).toBe(1000);
    expect(curve!.odd!.filter((bits) => bits === 1)).toHaveLength(1);
    const part = CurveViews.parse((await get(`${path}&from=700&to=760`)).body).curves[0]!;
    expect(part.span).toBe(1);
    expect(part.last[0]).toBeCloseTo(Math.cos(part.to[0]!), 12);
  });

  it('are smoothed over all points, so that a zoom shows the same line', async () => {
    const path = `/api/curves?runs=${bare}&keys=train/loss&pixels=100&smooth=0.9`;
    const whole = CurveViews.parse((await get(path)).body).curves[0]!;
    const part = CurveViews.parse((await get(`${path}&from=3000&to=3100`)).body).curves[0]!;
    let [mean, mass] = [0, 0];
    const means = new Map<number, number>();
    for (let step = 1; step <= LONG; step++) {
      if (step === 2500) continue;
      mean = 0.9 * mean + 0.1 * (step === 777 ? 1000 : Math.cos(step));
      mass = 0.9 * mass + 0.1;
      means.set(step, mean / mass);
    }
    for (const { to, smooth } of [whole, part]) {
      to.forEach((step, at) => {
        if (means.has(step)) expect(smooth![at]).toBeCloseTo(means.get(step)!, 9);
      });
    }
  });
});

describe('one run', () => {
  it('is calibrated and ranked', async () => {
    const calibration = Calibration.parse((await get('/api/runs/1/calibration?split=test')).body);
    expect(calibration.asIs.bins.reduce((sum, { count }) => sum + count, 0)).toBe(400);
    expect(calibration.temperature).toBeGreaterThan(0);
    const ranking = Ranking.parse((await get('/api/runs/1/ranking?split=test')).body);
    const { roc, rocArea } = ranking.classes[0]!;
    const area = roc!.x.reduce(
      (sum, x, at) => (at === 0 ? 0 : sum + ((x - roc!.x[at - 1]!) * (roc!.y[at]! + roc!.y[at - 1]!)) / 2),
      0,
    );
    expect(area).toBeCloseTo(rocArea!, 2);
    expect((await get(`/api/runs/${bare}/calibration`)).status).toBe(404);
  });

  it('says what it printed', async () => {
    expect(ConsoleLines.parse((await get('/api/runs/1/console')).body)).toEqual({ total: 0, lines: [] });
    expect((await get('/api/runs/999/console')).status).toBe(404);
  });
});
