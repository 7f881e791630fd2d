import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomStream } from '@atelier/data';
import { openTracker, type Tracker } from '@atelier/tracker';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createApp, listen } from '../../src/index.ts';
import { addRun, labels, logEpoch, madeDataset, record, startRun } from '../store.ts';

const WEB_ROOT = fileURLToPath(new URL('../../dist/web', import.meta.url));
const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

function chromiumPath(): string {
  const places = [
    process.env['CHROMIUM_PATH'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ].filter((place) => place !== undefined);
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`no Chromium at ${places.join(', ')}: set CHROMIUM_PATH`);
  return found;
}

let home: string;
let writer: Tracker;
let reader: Tracker;
let server: Server;
let port: number;
let origin: string;
let browser: Browser;
let page: Page;
let complaints: string[];

async function start(at: number): Promise<void> {
  const app = createApp(reader, () => Promise.resolve(madeDataset(400)), { webRoot: WEB_ROOT });
  ({ server, port } = await listen(app, { host: '127.0.0.1', port: at, orNext: false }));
}

async function stop(): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

beforeAll(async () => {
  if (!existsSync(join(WEB_ROOT, 'index.html')))
    throw new Error('build the page first: nx run dashboard:build');
  browser = await chromium.launch({ executablePath: chromiumPath(), args: FLAGS.split(' ') });
  home = mkdtempSync(join(tmpdir(), 'atelier-e2e-'));
  reader = openTracker({ home, readonly: true });
  await start(0);
  origin = `http://127.0.0.1:${port}`;
});

afterAll(async () => {
  await browser?.close();
  if (server !== undefined) await stop();
  reader?.close();
  writer?.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

beforeEach(async () => {
  complaints = [];
  page = await browser.newPage();
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) complaints.push(`left the origin: ${request.url()}`);
  });
});

afterEach(async () => {
  await page.close();
  expect(complaints).toEqual([]);
});

it('explains an empty home, and comes alive with the first run', async () => {
  await page.goto(origin);
  await page.getByRole('heading', { name: 'No run yet' }).waitFor();
  writer = openTracker({ home });
  const dataset = record({ val: labels(200), test: labels(400) });
  addRun(writer, { name: 'first', seed: 1, accuracy: 0.88 }, dataset);
  await page.getByRole('link', { name: 'first' }).waitFor();
  addRun(writer, { name: 'second', seed: 2, accuracy: 0.93, settings: { batchSize: 64 } }, dataset);
  await page.getByRole('link', { name: 'second' }).waitFor();
});

it('leads from the list to a run, its matrix and the images of a cell', async () => {
  await page.goto(origin);
  await page.getByRole('link', { name: 'first' }).click();
  await page.getByRole('heading', { name: 'first' }).waitFor();
  await expect.poll(() => page.locator('.plot canvas').count()).toBe(2);
  const cell = page.getByRole('button', { name: /of Shirt predicted as T-shirt\/top/ });
  const count = Number(await cell.textContent());
  await cell.click();
  await page.getByText(`${count} of 400 test images`).waitFor();
  expect(await page.locator('.gallery > li').count()).toBe(count);
  expect(new URL(page.url()).searchParams.get('cell')).toBe('6-0');
  await page.locator('.gallery button').first().click();
  await page.locator('.probabilities').waitFor();
  await page.reload();
  await page.locator('.probabilities').waitFor();
  await page.getByRole('button', { name: 'validation' }).click();
  await page.getByText('of 200 right').waitFor();
});

it('compares two ticked runs with one scale, linked hover and differences', async () => {
  await page.goto(origin);
  await page.getByRole('checkbox', { name: 'Select first' }).check();
  await page.getByRole('checkbox', { name: 'Select second' }).check();
  await page.getByRole('button', { name: 'Compare 2 runs' }).click();
  await page.locator('.matrix').nth(2).waitFor();
  expect(await page.locator('.matrix').count()).toBe(3);
  await page.locator('.matrix').first().locator('tbody td').nth(60).hover();
  expect(await page.locator('td.hovered').count()).toBe(3);
  expect(await page.locator('.hover-line').textContent()).toContain('Shirt → T-shirt/top');
  const parameters = page.getByRole('region', { name: 'Parameters' });
  expect(await parameters.getByRole('rowheader').allTextContents()).toEqual(['batchSize', 'seed']);
});

it('follows a run while it trains', async () => {
  const run = startRun(writer, { name: 'training', seed: 3, accuracy: 0.9 });
  const random = randomStream(3);
  logEpoch(run, 1, random);
  run.flush();
  await page.goto(`${origin}/runs/${run.id}`);
  await page.getByText('1 / 5').waitFor();
  logEpoch(run, 2, random);
  run.flush();
  await page.getByText('2 / 5').waitFor();
  run.finish();
  await page.getByText('finished').waitFor();
});

it('says so of a run that is not there', async () => {
  await page.goto(`${origin}/runs/999`);
  await page.getByText('there is no run "999"').waitFor();
  complaints = complaints.filter((line) => !line.includes('404'));
});

it('says that the server is gone, and comes back by itself', async () => {
  await page.goto(origin);
  await page.getByText('live', { exact: true }).waitFor();
  await stop();
  await page.getByRole('alert').waitFor();
  // the banner is one thing, the word in the masthead another: its text once stood on its own colour
  const ground = "getComputedStyle(document.querySelector('.connection')).backgroundColor";
  expect(await page.evaluate(ground)).toBe('rgba(0, 0, 0, 0)');
  await page.getByRole('button', { name: 'Try now' }).click();
  await page.getByRole('alert').waitFor();
  await start(port);
  await page.getByText('live', { exact: true }).waitFor();
  complaints = complaints.filter((line) => !line.includes('ERR_'));
});
