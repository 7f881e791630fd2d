import { removeFolder } from '@atelier/tracker/testing/home';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTracker, type Tracker } from '@atelier/tracker';
import type { Hono } from 'hono';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../src/index.ts';
import { addRun, labels, madeDataset, record, startRun } from './store.ts';

/** Tried at every place of every note, where it fails only at its end: about a second for each run. */
const ENDLESS = `notes ~ "${'a'.repeat(3900)}b"`;
const RUNS = 40;

let home: string;
let writer: Tracker;
let reader: Tracker;
let app: Hono;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'atelier-slow-'));
  writer = openTracker({ home });
  addRun(writer, { name: 'long', seed: 1, accuracy: 0.9 }, record({ val: labels(200), test: labels(400) }));
  for (let seed = 2; seed <= RUNS; seed++) {
    const run = startRun(writer, { name: 'other', seed, accuracy: 0.9 });
    run.finish();
    writer.annotate(run.id, { notes: 'a'.repeat(100_000) });
  }
  reader = openTracker({ home, readonly: true });
  app = createApp(reader, () => Promise.resolve(madeDataset(400)));
});
afterAll(() => {
  reader.close();
  writer.close();
  removeFolder(home);
});

const order = async (filter: string) => app.request(`/api/runs/order?${new URLSearchParams({ filter })}`);

it('ends a filter that takes too long, answers others meanwhile, and filters again', async () => {
  expect(await (await order('name ~ long')).json()).toEqual({ ids: [1] });
  let isOver = false;
  const slow = order(ENDLESS).finally(() => (isOver = true));
  for (const path of ['/api/runs/1', '/api/runs/order', '/api/runs/1/evaluation', '/api/health'])
    expect((await app.request(path)).status, path).toBe(200);
  expect(isOver).toBe(false);
  const answer = await slow;
  const problem = (await answer.json()) as { code: string; message: string };
  expect([answer.status, problem.code]).toEqual([422, 'QUERY_TOO_SLOW']);
  expect(problem.message).toMatch(/took longer than 1 s and was ended/);
  expect(await (await order('name ~ long')).json()).toEqual({ ids: [1] });
});

it('ends it for a table of it and for a sort too, and answers who waits behind it', async () => {
  const csv = app.request(`/api/runs/table.csv?${new URLSearchParams({ filter: ENDLESS })}`);
  const behind = order('id = 1');
  expect((await csv).status).toBe(422);
  expect(await (await behind).json()).toEqual({ ids: [1] });
});

it('says what is wrong with a filter as if it were asked here', async () => {
  const answer = await order('acuracy > 1 and name = x');
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({
    code: 'QUERY',
    at: 0,
    end: 7,
    query: 'acuracy > 1 and name = x',
  });
});
