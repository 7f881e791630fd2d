import { removeFolder } from '@atelier/tracker/testing/home';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTracker, type Tracker } from '@atelier/tracker';
import type { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Comparison, RunSet, StackSet } from '../src/api/compare.ts';
import { createApp } from '../src/index.ts';
import { addRun, labels, madeDataset, record, startRun } from './store.ts';

let home: string;
let tracker: Tracker;
let app: Hono;
let other: number;
let bare: number;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'atelier-compare-'));
  tracker = openTracker({ home });
  const dataset = record({ val: labels(200), test: labels(400) });
  addRun(tracker, { name: 'a', seed: 1, accuracy: 0.7 }, dataset);
  addRun(tracker, { name: 'b', seed: 2, accuracy: 0.95, settings: { batchSize: 64 } }, dataset);
  const elsewhere = { ...record({ val: labels(200), test: labels(300) }), digest: 'e'.repeat(64) };
  other = addRun(tracker, { name: 'elsewhere', seed: 3, accuracy: 0.9 }, elsewhere);
  const run = startRun(tracker, { name: 'bare', seed: 4, accuracy: 0.9 });
  run.log({ 'train/loss': 1 }, { step: 1 });
  run.finish();
  bare = run.id;
  app = createApp(tracker, () => Promise.resolve(madeDataset(400)));
});

afterAll(() => {
  tracker.close();
  removeFolder(home);
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

  it('are compared while the server answers others', async () => {
    const fresh = createApp(tracker, () => Promise.resolve(madeDataset(400)));
    const order: string[] = [];
    const ask = async (path: string) => {
      expect((await fresh.request(path)).status).toBe(200);
      order.push(path);
    };
    const pair = '/api/compare?a=1&b=2';
    await Promise.all([ask(pair), ask('/api/health'), ask(pair), ask('/api/runs/1')]);
    expect(order).toEqual(['/api/health', '/api/runs/1', pair, pair]);
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
      [409, 'LEDGER_MISMATCH'],
      [409, 'LEDGER_MISMATCH'],
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
