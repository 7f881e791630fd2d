import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { openSweeps, openTracker, type Tracker } from '@atelier/tracker';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createApp, listen } from '../../src/index.ts';
import { addRun, labels, madeDataset, record } from '../store.ts';
import { addSweep } from '../sweep-store.ts';

const WEB_ROOT = fileURLToPath(new URL('../../dist/web', import.meta.url));
const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking';
const PLACES = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

let home: string;
let writer: Tracker;
let reader: Tracker;
let server: Server;
let origin: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];
let single: number;
let double: number;

beforeAll(async () => {
  if (!existsSync(join(WEB_ROOT, 'index.html')))
    throw new Error('build the page first: nx run dashboard:build');
  const executablePath = PLACES.find((place) => place !== undefined && existsSync(place));
  if (executablePath === undefined) throw new Error('no Chromium: set CHROMIUM_PATH');
  browser = await chromium.launch({ executablePath, args: FLAGS.split(' ') });
  home = mkdtempSync(join(tmpdir(), 'atelier-e2e-sweeps-'));
  writer = openTracker({ home });
  reader = openTracker({ home, readonly: true });
  const app = createApp(reader, () => Promise.resolve(madeDataset(400)), {
    webRoot: WEB_ROOT,
    write: () => writer,
    startSweep: () => ({ ended: Promise.resolve(1), words: () => 'error: this sweep has no task' }),
  });
  const listening = await listen(app, { host: '127.0.0.1', port: 0, orNext: false });
  server = listening.server;
  origin = `http://127.0.0.1:${listening.port}`;
});

afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  reader?.close();
  writer?.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

async function open(colorScheme: 'light' | 'dark' = 'light', width = 1440): Promise<void> {
  await context?.close();
  context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) complaints.push(`left the origin: ${request.url()}`);
  });
}

beforeEach(async () => {
  complaints = [];
  await open();
});

afterEach(() => {
  expect(complaints).toEqual([]);
});

const query = (): URLSearchParams => new URL(page.url()).searchParams;
const trialRows = (): Promise<number> => page.locator('.trials tbody tr').count();

async function openSweep(id: number, search = ''): Promise<void> {
  await page.goto(`${origin}/sweeps/${id}${search}`);
  await page.getByRole('region', { name: 'Parallel coordinates' }).locator('.rail').first().waitFor();
}

it('says how to start the first sweep, and shows it as soon as there is one', async () => {
  await page.goto(`${origin}/sweeps`);
  await page.getByRole('heading', { name: 'No sweep yet' }).waitFor();
  const dataset = record({ val: labels(200), test: labels(400) });
  const run = addRun(writer, { name: 'trial-run', seed: 1, accuracy: 0.9 }, dataset);
  single = await addSweep(writer, { name: 'learning-rate', trials: 60, runOf: () => run });
  double = await addSweep(writer, {
    name: 'accuracy-and-size',
    trials: 40,
    twoObjectives: true,
    seeds: [1, 2],
    leave: 6,
  });
  await page.goto(`${origin}/sweeps`);
  await page.getByRole('link', { name: 'learning-rate' }).waitFor();
  expect(await page.locator('.sweeps tbody tr').count()).toBe(2);
  await page.getByRole('link', { name: 'learning-rate' }).click();
  await page.getByRole('heading', { name: 'learning-rate', level: 1 }).waitFor();
});

it('shows what the store has: headline, charts, trials with links to their runs', async () => {
  await openSweep(single);
  const trials = openSweeps(reader).trials(single);
  const best = trials
    .filter(({ state }) => state === 'COMPLETE')
    .sort((a, b) => b.values[0]! - a.values[0]!)[0]!;
  const headline = page.locator('.headline');
  expect(await headline.textContent()).toContain(`${(best.values[0]! * 100).toFixed(2)}%`);
  expect(await headline.textContent()).toContain('60 / 60');
  for (const name of ['History', 'Importance', 'Slices', 'Contour', 'Distribution', 'Timeline']) {
    await page.getByRole('region', { name, exact: true }).locator('svg, li').first().waitFor();
  }
  // the top trials are too few for PED-ANOVA, and a setting that not every trial has is beyond fANOVA
  expect(await page.locator('.importances li').count()).toBe(4);
  const importance = page.getByRole('region', { name: 'Importance', exact: true });
  expect(await importance.textContent()).toContain('Not in every trial, so left out: optimizer.momentum');
  expect(await page.locator('.slices svg[role=img]').count()).toBe(5);
  // best first
  expect(await page.locator('.trials tbody tr').first().locator('.pick').textContent()).toBe(
    String(best.number),
  );
  await page.locator('.trials tbody tr').first().getByRole('link').click();
  await page.getByRole('heading', { name: 'trial-run' }).waitFor();
});

it('narrows the table by dragging along an axis; the brush lives in the address', async () => {
  await openSweep(single);
  const complete = await page.locator('.trials tbody tr').filter({ hasText: 'complete' }).count();
  const track = await page.locator('.rail .track').first().boundingBox();
  const x = track!.x + track!.width / 2;
  await page.mouse.move(x, track!.y + track!.height * 0.3);
  await page.mouse.down();
  await page.mouse.move(x, track!.y + track!.height * 0.5, { steps: 4 });
  await page.mouse.move(x, track!.y + track!.height * 0.6, { steps: 4 });
  await page.mouse.up();
  const chip = page.getByRole('button', { name: /of \d+ trials ×/ });
  await chip.waitFor();
  const kept = Number((await chip.textContent())!.split(' ')[0]);
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(complete);
  expect(await trialRows()).toBe(Math.min(20, kept));
  const [axis, low, high] = query().get('brush')!.split('~');
  expect(axis).toBe('optimizer.learningRate');
  const inside = openSweeps(reader)
    .trials(single)
    .filter(({ state }) => state === 'COMPLETE')
    .map(({ parameters }) => (Math.log10(Number(parameters['optimizer.learningRate'])) + 4) / 3)
    .filter((share) => share >= Number(low) && share <= Number(high));
  expect(kept).toBe(inside.length);
  await page.reload();
  await chip.waitFor();
  expect(await trialRows()).toBe(Math.min(20, kept));
  await chip.click();
  expect(query().get('brush')).toBe(null);
});

it('is brushed by the keyboard too', async () => {
  await openSweep(single);
  const least = page.getByRole('slider', { name: 'val/accuracy at least' });
  await least.focus();
  for (let press = 0; press < 10; press++) await page.keyboard.press('ArrowUp');
  expect(query().get('brush')).toBe('val/accuracy~0.5~1');
  expect(await least.getAttribute('aria-valuenow')).toBe('50');
  await page.keyboard.press('Home');
  expect(query().get('brush')).toBe(null);
});

it('marks a picked trial everywhere, and keeps it in the address', async () => {
  await openSweep(single);
  await page.locator('.pick').nth(2).click();
  const number = query().get('trial');
  expect(await page.locator('.pick').nth(2).textContent()).toBe(number);
  expect(await page.locator('.marked').count()).toBeGreaterThanOrEqual(4);
  expect(await page.locator('.line.on').count()).toBe(1);
  expect(await page.locator('.marked-trial').textContent()).toContain(`trial ${number}`);
  await page.reload();
  await page.locator('.marked-trial').waitFor();
});

it('marks the trial under the pointer in the other charts', async () => {
  await openSweep(single);
  await page.locator('.trials tbody tr').nth(1).hover();
  const number = await page.locator('.pick').nth(1).textContent();
  await page.getByText(`trial ${number}`, { exact: true }).waitFor();
  expect(await page.locator('.marked').count()).toBeGreaterThanOrEqual(4);
});

it('changes sort, state, importance and contour, all in the address', async () => {
  await openSweep(single);
  await page.getByRole('button', { name: 'learningRate' }).click();
  expect(query().get('sort')).toBe('-optimizer.learningRate');
  await page.getByRole('button', { name: 'failed', exact: true }).click();
  expect(query().get('state')).toBe('FAILED');
  expect(await page.locator('.trials tbody tr').first().textContent()).toContain('loss is NaN at step 31');
  await page.getByRole('button', { name: 'over the space' }).click();
  await page.getByText('What explains the objective').waitFor();
  await page.getByText('left out: optimizer.momentum').waitFor();
  await page.getByLabel('across').selectOption('optimizer.kind');
  await page.getByRole('img', { name: 'Mean val/accuracy over optimizer.kind and model.dropout' }).waitFor();
});

it('shows the front of two objectives, and seeds taken together', async () => {
  await openSweep(double);
  await page.getByRole('img', { name: /trials are on the Pareto front/ }).waitFor();
  await page.getByRole('button', { name: 'configurations' }).click();
  expect(await page.locator('.trials tbody tr').first().textContent()).toMatch(/\[\d+\.\d+%, \d+\.\d+%\]/);
  await page.getByRole('button', { name: 'model/bytes', exact: true }).click();
  await page.getByText('best val/accuracy').waitFor();
  await page
    .getByRole('region', { name: 'History' })
    .getByRole('img', { name: /completed trials; best so far/ })
    .waitFor();
  await page.getByText('npx nx run train:sweep resume accuracy-and-size').waitFor();
});

it('follows a sweep while it runs, and stops it', async () => {
  const sweeps = openSweeps(writer);
  const { id } = sweeps.create({
    project: 'p',
    name: "it's live",
    codeVersion: '1',
    spec: {
      space: { parameters: { a: { kind: 'float', low: 0, high: 1 } } },
      objectives: [{ metric: 'loss', direction: 'minimize' }],
      sampler: { kind: 'random' },
      pruner: { kind: 'none' },
      trials: 3,
    },
  });
  const lead = sweeps.lead(id, { owner: 'test', leaseMs: 600_000 });
  const key = (n: number): string => String(n).repeat(64);
  const starts = [1, 2, 3].map((n) => ({ key: key(n), parameters: { a: n / 4 }, config: { a: n }, seed: 1 }));
  sweeps.enqueue(id, lead, starts);
  await page.goto(`${origin}/sweeps/${id}`);
  await page.getByText('the charts come with the first one').waitFor();
  const claim = sweeps.claim(id, { worker: 'w', leaseMs: 600_000 })!;
  sweeps.complete(claim.trial.id, claim.token, [0.25]);
  // no run of this trial's tells the page: it asks by itself
  await page.getByRole('img', { name: 'Values of 1 completed trials; best so far 0.2500' }).waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('Stop asked for').waitFor();
  expect(sweeps.get(id).stopRequested).toBe(true);
  await page.getByText('stopping', { exact: true }).waitFor();
  sweeps.release(id, lead, 'STOPPED');
  await page.getByText(String.raw`npx nx run train:sweep resume 'it'\''s live'`).waitFor();
  // a spec without a task: what the command says of it is shown
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('alert').getByText('error: this sweep has no task').waitFor();
  complaints = complaints.filter((line) => !line.includes('409'));
});

it('answers what is not there in words', async () => {
  const { id } = openSweeps(writer).create({
    project: 'p',
    name: 'odd',
    codeVersion: '1',
    spec: { odd: true },
  });
  await page.goto(`${origin}/sweeps/999`);
  await page.getByText('there is no sweep "999"').waitFor();
  await page.goto(`${origin}/sweeps/${id}`);
  await page.getByText('the specification of sweep "odd" cannot be read').waitFor();
  await openSweep(single, '?x=model.drop&objective=7&trial=x&brush=~~;nothing~0~1&sort=-nothing&pareto=9-9');
  await page.getByText('has no parameter "model.drop"').waitFor();
  complaints = complaints.filter((line) => !/status of (404|422)/.test(line));
});

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [1440, 390]) {
    it(`has no axe violation and no sideways scroll, ${scheme}, ${width} wide`, async () => {
      await open(scheme, width);
      for (const path of ['/sweeps', `/sweeps/${single}?trial=3`, `/sweeps/${double}?by=configuration`]) {
        await page.goto(origin + path);
        await page.getByRole('heading', { level: 1 }).waitFor();
        if (path !== '/sweeps')
          await page.getByRole('region', { name: 'Timeline' }).locator('svg[role=img]').waitFor();
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html).slice(0, 2)])).toEqual(
          [],
        );
        const beyond = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(beyond).toBeLessThanOrEqual(0);
      }
    });
  }
}
