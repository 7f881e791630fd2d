import { removeFolder } from '@atelier/tracker/testing/home';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { openTracker, type Tracker } from '@atelier/tracker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Curves, Evaluation, Layers, Problem, RunDetail, SamplePage } from '../src/api/schema.ts';
import { RunOrder, RunRows } from '../src/api/runs.ts';
import { createApp } from '../src/index.ts';
import { addRun, labels, logEpoch, madeDataset, record, startRun } from './store.ts';
import { randomStream } from '@atelier/data';

let home: string;
let writer: Tracker;
let reader: Tracker;
let app: ReturnType<typeof createApp>;
const DIGEST = 'd'.repeat(64);

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'atelier-dashboard-'));
  writer = openTracker({ home });
  const dataset = record({ val: labels(200), test: labels(400) });
  addRun(writer, { name: 'first', seed: 1, accuracy: 0.88 }, dataset);
  addRun(writer, { name: 'second', seed: 2, accuracy: 0.93 }, dataset);
  reader = openTracker({ home, readonly: true });
  app = createApp(reader, () => Promise.resolve(madeDataset(400)));
});

afterAll(() => {
  reader.close();
  writer.close();
  removeFolder(home);
});

/** A grey PNG without filters, one byte a pixel. */
async function readPng(response: Response): Promise<{ width: number; height: number; data: Uint8Array }> {
  const file = Buffer.from(await response.arrayBuffer());
  const width = file.readUInt32BE(16);
  const height = file.readUInt32BE(20);
  const at = file.indexOf('IDAT');
  const rows = inflateSync(file.subarray(at + 4, at + 4 + file.readUInt32BE(at - 4)));
  const lines = Array.from({ length: height }, (_, y) =>
    rows.subarray(y * (width + 1) + 1, (y + 1) * (width + 1)),
  );
  return { width, height, data: Buffer.concat(lines) };
}

async function get(path: string): Promise<unknown> {
  const response = await app.request(path);
  expect(response.status, path).toBe(200);
  return response.json();
}

it('lists runs with their epochs and commits', async () => {
  const { ids } = RunOrder.parse(await get('/api/runs/order?sort=name'));
  const { runs } = RunRows.parse(await get(`/api/runs/rows?ids=${ids.join()}`));
  expect(runs.map((run) => run.name)).toEqual(['second', 'first']);
  expect(runs.find((run) => run.name === 'second')).toMatchObject({
    status: 'FINISHED',
    engine: 'wasm',
    epochs: { done: 5, planned: 5 },
    git: { dirty: true },
  });
});

it('answers an empty home with no runs', async () => {
  using none = openTracker({ home: join(home, 'nothing-here'), readonly: true });
  const response = await createApp(none, () => Promise.resolve(madeDataset(1))).request('/api/runs/order');
  expect(await response.json()).toEqual({ ids: [] });
});

it('shows one run whole', async () => {
  const run = RunDetail.parse(await get('/api/runs/1'));
  expect(run.parameters['optimizer.learningRate']).toBe(0.001);
  expect(run.evaluated).toEqual(['val', 'test']);
  expect(run.artifacts.map(({ path }) => path)).toEqual(['layers.json']);
});

it('sends only the points that are new', async () => {
  const run = startRun(writer, { name: 'growing', seed: 3, accuracy: 0.9 });
  const random = randomStream(3);
  logEpoch(run, 1, random);
  run.flush();
  const first = Curves.parse(await get(`/api/runs/${run.id}/curves?keys=val/loss`));
  logEpoch(run, 2, random);
  run.flush();
  const second = Curves.parse(await get(`/api/runs/${run.id}/curves?keys=val/loss&afterSeq=${first.seq}`));
  expect(first.curves[0]?.points.map(({ epoch }) => epoch)).toEqual([1]);
  expect(second.curves[0]?.points.map(({ epoch }) => epoch)).toEqual([2]);
  run.finish();
});

it('sends a NaN as null', async () => {
  const run = startRun(writer, { name: 'diverged', seed: 4, accuracy: 0.1 });
  run.log({ 'train/loss': Number.NaN }, { step: 1, epoch: 1 });
  run.fail({ code: 'DIVERGED', message: 'loss is NaN', step: 1 });
  const { curves } = Curves.parse(await get(`/api/runs/${run.id}/curves`));
  expect(curves[0]?.points[0]?.value).toBeNull();
  expect(RunDetail.parse(await get(`/api/runs/${run.id}`)).error).toMatchObject({
    code: 'DIVERGED',
    step: 1,
  });
});

it('computes the evaluation from the ledger', async () => {
  const evaluation = Evaluation.parse(await get('/api/runs/1/evaluation?split=test'));
  const right = evaluation.counts.reduce((sum, row, index) => sum + row[index]!, 0);
  expect(evaluation.counts.flat().reduce((a, b) => a + b)).toBe(400);
  expect(evaluation.accuracy).toBeCloseTo(right / 400, 12);
  expect(evaluation.perClass.map(({ support }) => support)).toEqual(new Array(10).fill(40));
});

it('sorts misclassified samples by confidence and pages them', async () => {
  const evaluation = Evaluation.parse(await get('/api/runs/1/evaluation'));
  const page = SamplePage.parse(await get('/api/runs/1/samples?limit=200'));
  expect(page.total).toBe(Math.round(400 * (1 - evaluation.accuracy)));
  expect(page.samples.every((sample) => sample.true !== sample.predicted)).toBe(true);
  const confidences = page.samples.map(({ confidence }) => confidence);
  expect(confidences).toEqual(confidences.toSorted((a, b) => b - a));
  const rest = SamplePage.parse(await get('/api/runs/1/samples?limit=200&offset=3&order=sure'));
  expect(rest.samples[0]).toEqual(page.samples[3]);
});

it('finds the samples of a cell of the matrix', async () => {
  const { counts } = Evaluation.parse(await get('/api/runs/1/evaluation'));
  const page = SamplePage.parse(await get('/api/runs/1/samples?kind=all&true=6&predicted=0'));
  expect(page.total).toBe(counts[6]![0]);
  expect(page.samples.every((sample) => sample.true === 6 && sample.predicted === 0)).toBe(true);
});

it('draws a sheet of images', async () => {
  const response = await app.request(`/api/datasets/${DIGEST}/test/sheet.png?i=5,7,250`);
  expect(response.headers.get('content-type')).toBe('image/png');
  expect(response.headers.get('cache-control')).toContain('immutable');
  const { width, height, data } = await readPng(response);
  expect([width, height]).toEqual([84, 28]);
  expect([data[0], data[28], data[56]]).toEqual([5, 7, 250]);
});

it('draws one image', async () => {
  const response = await app.request(`/api/datasets/${DIGEST}/val/9`);
  const { width, data } = await readPng(response);
  expect([width, data[0]]).toEqual([28, 9]);
});

it('hands out the layer table and artifacts as downloads', async () => {
  expect(Layers.parse(await get('/api/runs/1/layers')).params).toBe(423_946);
  const response = await app.request('/api/runs/1/artifacts/layers.json');
  expect(response.headers.get('content-disposition')).toContain('attachment');
  expect(response.headers.get('content-type')).toBe('application/octet-stream');
});

it('tells which run changed', async () => {
  const stream = (await app.request('/api/events')).body!.getReader();
  const text = async () => new TextDecoder().decode((await stream.read()).value);
  expect(await text()).toContain('event: hello');
  const run = startRun(writer, { name: 'watched', seed: 5, accuracy: 0.9 });
  expect(await text()).toContain(`data: {"runs":[${run.id}],"purged":false}`);
  await stream.cancel();
  run.finish();
});

it.each([
  ['/api/runs/999', 404, 'RUN_UNKNOWN'],
  ['/api/runs/999/curves', 404, 'RUN_UNKNOWN'],
  ['/api/runs/999/evaluation', 404, 'RUN_UNKNOWN'],
  ['/api/runs/3/evaluation', 404, 'NO_PREDICTIONS'],
  ['/api/runs/3/samples', 404, 'NO_PREDICTIONS'],
  ['/api/runs/3/layers', 404, 'NO_LAYERS'],
  ['/api/runs/1/artifacts/../../../secret', 404, 'NOT_FOUND'],
  ['/api/runs/1/artifacts/none.bin', 404, 'ARTIFACT_UNKNOWN'],
  ['/api/runs/1/artifacts/..%2f..%2fatelier.db', 404, 'ARTIFACT_UNKNOWN'],
  ['/api/datasets/none/test/1', 404, 'DATASET_UNKNOWN'],
  [`/api/datasets/${DIGEST}/test/100000`, 404, 'NO_IMAGE'],
  ['/api/nothing', 404, 'NOT_FOUND'],
  ['/api/runs/first', 400, 'REQUEST_INVALID'],
  ['/api/runs/x/artifacts/layers.json', 400, 'REQUEST_INVALID'],
  ['/api/runs/1/evaluation?split=train', 400, 'REQUEST_INVALID'],
  ['/api/runs/1/evaluation?spilt=val', 400, 'REQUEST_INVALID'],
  ['/api/runs/1/samples?limit=5000', 400, 'REQUEST_INVALID'],
  ['/api/runs/1/curves?afterSeq=-1', 400, 'REQUEST_INVALID'],
  [`/api/datasets/${DIGEST}/test/sheet.png?i=1,x`, 400, 'REQUEST_INVALID'],
])('refuses %s with %i %s', async (path, status, code) => {
  const response = await app.request(path);
  expect([response.status, Problem.parse(await response.json()).code]).toEqual([status, code]);
});

it('answers to its own name only', async () => {
  const response = await app.request('/api/runs/order', { headers: { host: 'evil.example:4317' } });
  expect([response.status, Problem.parse(await response.json()).code]).toEqual([403, 'HOST_REFUSED']);
});

it('allows nothing from elsewhere', async () => {
  const { headers } = await app.request('/api/health');
  expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

it.each([
  ['/api/runs/rows?ids=1&columns=seed', 'a JSON list of names'],
  ['/api/runs/rows?ids=1&columns=[', 'a JSON list of names'],
  ['/api/runs/rows?ids=1&columns=["sed"]', 'Did you mean seed'],
  ['/api/runs/rows?ids=1&columns=["__proto__"]', '"__proto__" is no field'],
  ['/api/runs/order?filter=constructor = 1', '"constructor" is no field'],
  ['/api/runs/order?sort=statsu', 'Did you mean status?'],
])('says what is wrong with %s', async (path, words) => {
  const response = await app.request(path);
  expect(response.status).toBe(400);
  expect(Problem.parse(await response.json()).message).toContain(words);
});

it('leaves columns that are still to come out where it is asked to', async () => {
  const path = '/api/runs/rows?ids=1&columns=["seed","__proto__","yet/to-come"]&unknown=omit';
  expect(RunRows.parse(await get(path)).runs[0]!.columns).toEqual({ seed: 1 });
});
