import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { openTracker, type Tracker } from '@atelier/tracker';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createApp, listen } from '../../src/index.ts';
import { addRun, CLASSES, labels, madeDataset, record, startRun } from '../store.ts';

const WEB_ROOT = fileURLToPath(new URL('../../dist/web', import.meta.url));
const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

function chromiumPath(): string {
  const places = [
    process.env['CHROMIUM_PATH'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ];
  const found = places.find((place) => place !== undefined && existsSync(place));
  if (found === undefined) throw new Error('no Chromium: set CHROMIUM_PATH');
  return found;
}

let home: string;
let tracker: Tracker;
let server: Server;
let origin: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];
let elsewhere: number;
let odd: number;

function fill(): void {
  const dataset = record({ val: labels(200), test: labels(400) });
  addRun(tracker, { name: 'first', seed: 1, accuracy: 0.75 }, dataset);
  addRun(tracker, { name: 'second', seed: 2, accuracy: 0.95, settings: { batchSize: 64 } }, dataset);
  addRun(tracker, { name: 'third', seed: 3, accuracy: 0.9 }, dataset);
  const other = { ...record({ val: labels(200), test: labels(300) }), digest: 'e'.repeat(64) };
  elsewhere = addRun(tracker, { name: 'elsewhere', seed: 4, accuracy: 0.9 }, other);
  const run = startRun(tracker, { name: 'odd', seed: 5, accuracy: 0.9 });
  for (let step = 1; step <= 300; step++) {
    run.log({ 'train/loss': step % 50 === 0 ? NaN : 1 / step, 'odd/only': NaN }, { step });
  }
  run.logArtifact(
    'git/uncommitted.diff',
    new TextEncoder().encode('diff --git a/x b/x\n-old <b>\n+new\n'),
    'text/x-diff',
  );
  run.finish();
  odd = run.id;
}

beforeAll(async () => {
  if (!existsSync(join(WEB_ROOT, 'index.html')))
    throw new Error('build the page first: nx run dashboard:build');
  home = mkdtempSync(join(tmpdir(), 'atelier-compare-e2e-'));
  tracker = openTracker({ home });
  fill();
  const app = createApp(tracker, () => Promise.resolve(madeDataset(400)), {
    webRoot: WEB_ROOT,
    write: () => tracker,
  });
  const listening = await listen(app, { host: '127.0.0.1', port: 0, orNext: false });
  server = listening.server;
  origin = `http://127.0.0.1:${listening.port}`;
  browser = await chromium.launch({ executablePath: chromiumPath(), args: FLAGS.split(' ') });
});

afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
  tracker?.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

beforeEach(async () => {
  complaints = [];
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) complaints.push(`left the origin: ${request.url()}`);
  });
});

afterEach(async () => {
  await context.close();
  expect(complaints).toEqual([]);
});

it('leads from a verdict to a cell, and from the cell to the images in four stacks', async () => {
  await page.goto(`${origin}/compare?runs=1,2`);
  await page.getByText(/^second is better than first by/).waitFor();
  await page
    .locator('.difference')
    .getByRole('button', { name: /of Shirt predicted as T-shirt\/top/ })
    .click();
  expect(new URL(page.url()).searchParams.get('cell')).toBe('6-0');
  await page.getByRole('region', { name: 'Fixed by B' }).locator('li').first().waitFor();
  const truths = await page.locator('.stack .said > b').allTextContents();
  expect(truths.length).toBeGreaterThan(0);
  expect(new Set(truths)).toEqual(new Set(['Shirt']));
  await page.locator('.stack summary').first().click();
  expect(await page.locator('.stack details[open] .probabilities').count()).toBe(2);
  await page.reload();
  await page.getByRole('button', { name: /Shirt → T-shirt\/top/ }).waitFor();
});

it('takes another run as B, and offers the report of that pair', async () => {
  await page.goto(`${origin}/compare?runs=1,2,3`);
  await page.getByRole('button', { name: /take as B: third/ }).click();
  await page.getByText(/^third is better than first by|^No difference between first and third/).waitFor();
  const link = page.getByRole('link', { name: 'Markdown', exact: true });
  expect(await link.getAttribute('href')).toContain('a=1&b=3');
});

it('orders the classes by confusion, and draws seeds as bands and against the baseline', async () => {
  await page.goto(`${origin}/runs/1?sort=confusion`);
  await page.locator('.matrix').waitFor();
  const names = await page.locator('.matrix tbody th').allTextContents();
  expect(names).not.toEqual(CLASSES);
  expect(names.toSorted()).toEqual(CLASSES.toSorted());
  await page.goto(`${origin}/compare?runs=1,3,2&smooth=0`);
  await page.getByRole('button', { name: 'seed bands' }).click();
  await page.getByText('first val, mean of 2').first().waitFor();
  await page.getByRole('button', { name: 'minus baseline' }).click();
  await page.getByText('first val, mean of 2').first().waitFor();
  expect(new URL(page.url()).search).toContain('bands=1&curve=difference');
});

it('draws 500 selected runs, those that are there, and names the missing', async () => {
  const ids = Array.from({ length: 500 }, (_, at) => at + 1).join();
  await page.goto(`${origin}/compare?runs=${ids}`);
  await page.getByText(/^There are no runs 6, 7/).waitFor();
  await page.locator('figure.chart canvas').first().waitFor();
});

it('says in place what cannot be compared or shown', async () => {
  await page.goto(`${origin}/compare?runs=1,${elsewhere}`);
  await page.getByText('the samples are not the same').waitFor();
  await page.goto(`${origin}/compare?runs=1,${odd}`);
  await page.getByText(/has no predictions of the test split/).waitFor();
  await page.goto(`${origin}/compare?runs=998,999`);
  await page.getByText('None of the runs 998, 999 is there').waitFor();
  await page.goto(`${origin}/runs/${odd}?charts=loss,odd/only`);
  await page.getByText('This run was not evaluated.').waitFor();
  await page.getByText('Marks on the frame: NaN').first().waitFor();
  await page.getByText('What differed from commit').click();
  await page.getByText('-old <b>').waitFor();
  complaints = complaints.filter((line) => !/status of 4(00|04|09)/.test(line));
});

it('gives the values behind the lines as a table, by keyboard', async () => {
  await page.goto(`${origin}/runs/1`);
  await page.locator('figure.chart canvas').first().waitFor();
  await page.locator('summary').filter({ hasText: 'Values by epoch of loss' }).press('Enter');
  const table = page.getByRole('region', { name: 'Values of loss by epoch' });
  await table.waitFor();
  expect(await table.getByRole('columnheader').allTextContents()).toEqual([
    'epoch',
    'train/loss',
    'val/loss',
  ]);
  const curve = tracker.curve(1, 'val/loss', { pixels: 1000 })!.buckets;
  const rows = await table.getByRole('row').count();
  expect(rows - 1).toBe(new Set(curve.map(({ epoch }) => epoch)).size);
  const last = Number(await table.getByRole('row').last().getByRole('cell').last().textContent());
  expect(last).toBeCloseTo(curve.at(-1)!.last, 3);
});

it('names a class that is not there, and says that a run is archived, and gone, while its page is open', async () => {
  await page.goto(`${origin}/runs/1?cell=99-3`);
  await page.getByText('There is no class 99').waitFor();
  await page.locator('.matrix').waitFor();
  const run = addRun(
    tracker,
    { name: 'short-lived', seed: 11, accuracy: 0.9 },
    record({ val: labels(200), test: labels(400) }),
  );
  await page.goto(`${origin}/runs/${run}`);
  await page.getByRole('heading', { name: 'short-lived' }).waitFor();
  await page.getByText('live', { exact: true }).waitFor();
  tracker.trash([run]);
  await page.getByText('This run is archived').waitFor();
  await page.getByRole('button', { name: 'Restore' }).click();
  await page.getByText('This run is archived').waitFor({ state: 'detached' });
  expect(tracker.listRuns().map(({ id }) => id)).toContain(run);
  tracker.trash([run]);
  await page.getByText('This run is archived').waitFor();
  tracker.purge();
  await page.getByText(`there is no run "${run}"`, { exact: false }).first().waitFor();
  complaints = complaints.filter((line) => !/status of 404/.test(line));
});

it('takes tags and notes on the page of the run', async () => {
  await page.goto(`${origin}/runs/1`);
  await page.getByRole('button', { name: 'Edit the tags of first' }).click();
  await page.getByLabel('Tags of first, separated by commas').fill('baseline, 2 cores');
  await page.keyboard.press('Enter');
  await page.getByText('baseline', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Edit the notes on first' }).click();
  await page.getByLabel('Notes on first').fill('<b>as the notebook</b>\nsecond line');
  await page.keyboard.press('Enter');
  await page.getByText('<b>as the notebook</b>').waitFor();
  expect(tracker.getRun(1)).toMatchObject({
    tags: ['baseline', '2 cores'],
    notes: '<b>as the notebook</b>\nsecond line',
  });
});

it('says that a run was deleted while it was open', async () => {
  const run = addRun(
    tracker,
    { name: 'doomed', seed: 9, accuracy: 0.9 },
    record({ val: labels(200), test: labels(400) }),
  );
  await page.goto(`${origin}/compare?runs=1,${run}`);
  await page.getByRole('link', { name: 'doomed' }).first().waitFor();
  await page.getByText('live', { exact: true }).waitFor();
  tracker.trash([run]);
  await page.getByText(`There is no run ${run} (any more).`).waitFor();
});

it.each(['light', 'dark'] as const)(
  'is clean to axe: %s',
  async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    for (const [path, ready] of [
      ['/compare?runs=1,2,3&bands=1', 'From A’s answers to B’s'],
      ['/runs/1', 'Calibration'],
      [`/runs/${odd}`, 'Artifacts'],
    ] as const) {
      await page.goto(origin + path);
      await page.getByRole('heading', { name: ready, exact: true }).waitFor();
      await page.locator('figure.chart canvas').first().waitFor();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${path} ${id}: ${nodes[0]?.html.slice(0, 160)}`)).toEqual([]);
    }
  },
  180_000,
);
