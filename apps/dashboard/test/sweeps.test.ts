import { removeFolder } from '@atelier/tracker/testing/home';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSweeps, openTracker, type Tracker } from '@atelier/tracker';
import type { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  SweepAnalysis,
  SweepColumns,
  SweepContour,
  SweepDetail,
  SweepImportance,
  SweepList,
} from '../src/api/sweep.ts';
import { fromColumns } from '../src/api/sweep-columns.ts';
import { createApp } from '../src/index.ts';
import { madeDataset } from './store.ts';
import { addSweep } from './sweep-store.ts';

let home: string;
let writer: Tracker;
let reader: Tracker;
let app: Hono;
let id: number;

const make = (write?: Tracker): Hono =>
  createApp(reader, () => Promise.resolve(madeDataset(10)), { ...(write && { write: () => write }) });

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'atelier-sweeps-'));
  writer = openTracker({ home });
  id = await addSweep(writer, { name: 'two', trials: 40, twoObjectives: true, seeds: [1, 2], leave: 4 });
  reader = openTracker({ home, readonly: true });
  app = make(writer);
});

afterAll(() => {
  reader.close();
  writer.close();
  removeFolder(home);
});

async function get(path: string): Promise<unknown> {
  const response = await app.request(path);
  expect(response.status).toBe(200);
  return response.json();
}

async function refused(path: string): Promise<[status: number, code: string, message: string]> {
  const response = await app.request(path);
  const { code, message } = (await response.json()) as { code: string; message: string };
  return [response.status, code, message];
}

/** What has all its digits in both forms. */
function omitDrawn({ history, distribution, pareto, timeline, configurations }: SweepAnalysis) {
  return { history, distribution, pareto, timeline, configurations };
}

describe('answers', () => {
  it('lists sweeps with counts and the best trial', async () => {
    const { sweeps } = SweepList.parse(await get('/api/sweeps'));
    const trials = openSweeps(reader).trials(id);
    const best = trials
      .filter(({ state }) => state === 'COMPLETE')
      .reduce((a, b) => (b.values[0]! > a.values[0]! ? b : a));
    expect(sweeps).toHaveLength(1);
    expect(sweeps[0]).toMatchObject({
      name: 'two',
      status: 'STOPPED',
      isLed: false,
      sampler: 'random',
      planned: 40,
      best: { number: best.number, values: best.values },
    });
    expect(Object.values(sweeps[0]!.counts).reduce((sum, count) => sum + count)).toBe(40);
  });

  it('gives a sweep, its analyses and contour in the shapes that the page reads', async () => {
    const detail = SweepDetail.parse(await get(`/api/sweeps/${id}`));
    expect(detail.trials).toHaveLength(40);
    expect(detail.resumeCommand).toBe('npx nx run train:sweep resume two');
    const analysis = SweepAnalysis.parse(await get(`/api/sweeps/${id}/analysis?objective=1`));
    expect(analysis.history).toHaveLength(detail.sweep.counts.COMPLETE);
    // the second objective is to be small
    const sizes = analysis.history.map(({ value }) => value);
    expect(analysis.history.at(-1)!.best).toBe(Math.min(...sizes));
    const importance = SweepImportance.parse(await get(`/api/sweeps/${id}/importance?method=fanova`));
    expect(importance.leftOut).toEqual(['optimizer.momentum']);
    const query = new URLSearchParams({ x: 'model.dropout', y: 'optimizer.kind' });
    const { cells } = SweepContour.parse(await get(`/api/sweeps/${id}/contour?${query}`));
    expect(cells.reduce((sum, { count }) => sum + count, 0)).toBe(detail.sweep.counts.COMPLETE);
  });

  it('gives an analysis as columns that say the same in less', async () => {
    const { trials } = SweepDetail.parse(await get(`/api/sweeps/${id}`));
    for (const objective of [0, 1]) {
      const path = `/api/sweeps/${id}/analysis?objective=${objective}`;
      const analysis = SweepAnalysis.parse(await get(path));
      const columns = SweepColumns.parse(await get(`${path}&form=columns`));
      expect(JSON.stringify(columns).length).toBeLessThan(0.4 * JSON.stringify(analysis).length);
      const { slices, parallel, ...exact } = fromColumns(columns, trials);
      expect(exact).toEqual(omitDrawn(analysis));
      expect(parallel).toEqual({
        ...analysis.parallel,
        lines: analysis.parallel.lines.map((line) => ({
          ...line,
          places: line.places.map((place) => place && expect.closeTo(place, 3)),
        })),
      });
      // a momentum is there for some trials only
      expect(slices.map(({ points }) => points.length)).toEqual(analysis.slices.map((s) => s.points.length));
      expect(slices.at(-1)!.points.length).toBeLessThan(analysis.history.length);
      const xs = (all: typeof slices): number[] => all.flatMap(({ points }) => points.map(({ x }) => x));
      xs(slices).forEach((x, at) => expect(x / xs(analysis.slices)[at]! || 1).toBeCloseTo(1, 5));
    }
  });

  it('follows the store: what was kept of the trials is let go when they change', async () => {
    const before = SweepDetail.parse(await get(`/api/sweeps/${id}`));
    const sweeps = openSweeps(writer);
    const { trial, token } = sweeps.claim(id, { worker: 'late', leaseMs: 60_000 })!;
    sweeps.complete(trial.id, token, [0.999, 10]);
    const after = SweepDetail.parse(await get(`/api/sweeps/${id}`));
    expect(after.sweep.counts.COMPLETE).toBe(before.sweep.counts.COMPLETE + 1);
    expect(after.sweep.best).toEqual({ number: trial.number, values: [0.999, 10] });
    const { sweeps: list } = SweepList.parse(await get('/api/sweeps'));
    expect(list[0]!.best!.number).toBe(trial.number);
  });

  it('keeps a value that is no number out of JSON and of the analyses', async () => {
    const sweeps = openSweeps(writer);
    const { trial, token } = sweeps.claim(id, { worker: 'late', leaseMs: 60_000 })!;
    sweeps.report(trial.id, token, { step: 1, value: NaN });
    sweeps.complete(trial.id, token, [NaN, 10]);
    const { trials } = SweepDetail.parse(await get(`/api/sweeps/${id}`));
    expect(trials[trial.number]).toMatchObject({ values: [null, 10], last: { step: 1, value: null } });
    const { pareto } = SweepAnalysis.parse(await get(`/api/sweeps/${id}/analysis`));
    expect(pareto.points.some(({ number }) => number === trial.number)).toBe(false);
  });
});

describe('refusals', () => {
  it('names what is not there', async () => {
    expect(await refused('/api/sweeps/99')).toMatchObject([
      404,
      'SWEEP_UNKNOWN',
      expect.stringContaining('no sweep "99"'),
    ]);
    expect(await refused(`/api/sweeps/${id}/analysis?objective=2`)).toEqual([
      404,
      'OBJECTIVE_UNKNOWN',
      'there is no objective 2: those of this sweep are 0 to 1',
    ]);
    const contour = await refused(`/api/sweeps/${id}/contour?x=nope&y=model.dropout`);
    expect(contour).toMatchObject([404, 'PARAMETER_UNKNOWN', expect.stringContaining('nope')]);
    expect((await refused('/api/sweeps/x'))[0]).toBe(400);
    expect((await refused(`/api/sweeps/${id}/importance?method=shap`))[0]).toBe(400);
  });

  it('stops a sweep for the page itself only, and only where changes are taken', async () => {
    const headers = { 'content-type': 'application/json' };
    const stop = (to: Hono, extra = {}) =>
      to.request(`/api/sweeps/${id}/stop`, { method: 'POST', headers: { ...headers, ...extra }, body: '{}' });
    expect((await stop(make())).status).toBe(403);
    expect((await stop(app, { origin: 'http://elsewhere.example' })).status).toBe(403);
    expect(openSweeps(reader).get(id).stopRequested).toBe(false);
    expect((await stop(app)).status).toBe(200);
    expect(openSweeps(reader).get(id).stopRequested).toBe(true);
  });
});
