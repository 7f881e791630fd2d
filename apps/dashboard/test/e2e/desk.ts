import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { openRegistry } from '@atelier/registry';
import { openTracker, type Tracker } from '@atelier/tracker';
import { chromium, type Browser, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { createApp, listen } from '../../src/index.ts';
import { addTrainedRun, barDataset } from '../saved-model.ts';
import { record } from '../store.ts';

const WEB_ROOT = fileURLToPath(new URL('../../dist/web', import.meta.url));
const SAMPLES = 200;

/** A server over a store with two trained models, both registered, and a browser that notes every complaint. */
export interface Desk {
  readonly origin: string;
  readonly home: string;
  readonly writer: Tracker;
  /** Errors of pages, failed requests, and requests that left the origin; a test takes out what it expects. */
  readonly complaints: string[];
  readonly runs: readonly [number, number];
  open(path: string, dark?: boolean): Promise<Page>;
  close(): Promise<void>;
}

/** The repository's gate, but for images that cannot be asked again: those of a desk lie in no folder. */
function gatesFor(home: string): string {
  const folder = join(home, 'gates');
  mkdirSync(folder);
  const gate = readFileSync(new URL('../../../../gates/champion.yaml', import.meta.url), 'utf8');
  writeFileSync(join(folder, 'champion.yaml'), `${gate}unavailable: allow\n`);
  return folder;
}

export async function openDesk({ readOnly = false } = {}): Promise<Desk> {
  if (!existsSync(join(WEB_ROOT, 'index.html')))
    throw new Error('build the page first: nx run dashboard:build');
  const home = mkdtempSync(join(tmpdir(), 'atelier-desk-'));
  const writer = openTracker({ home });
  const dataset = barDataset(SAMPLES);
  const { labels } = dataset.test;
  const known = record({ val: labels, test: labels });
  const weak = await addTrainedRun(writer, { name: 'weak', seed: 1, epochs: 1 }, dataset, known);
  const strong = await addTrainedRun(writer, { name: 'strong', seed: 2, epochs: 25 }, dataset, known);
  {
    using registry = openRegistry({ home });
    for (const run of [weak, strong]) registry.register(run, { model: 'bars', by: 'ada' });
  }
  const reader = openTracker({ home, readonly: true });
  const app = createApp(reader, () => Promise.resolve(dataset), {
    ...{ webRoot: WEB_ROOT, gates: gatesFor(home) },
    ...(!readOnly && { write: () => writer }),
  });
  const { server, port } = await listen(app, { host: '127.0.0.1', port: 0, orNext: false });
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-sync'],
  });
  const complaints: string[] = [];
  const origin = `http://127.0.0.1:${port}`;
  return {
    ...{ origin, home, writer, complaints, runs: [weak, strong] as const },
    open: (path, dark = false) => openPage(browser, origin, path, dark, complaints),
    close: () => closeAll(browser, server, [reader, writer], home),
  };
}

async function openPage(browser: Browser, origin: string, path: string, dark: boolean, complaints: string[]) {
  const context = await browser.newContext({ colorScheme: dark ? 'dark' : 'light' });
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) complaints.push(`left the origin: ${request.url()}`);
  });
  await page.goto(origin + path);
  return page;
}

async function closeAll(browser: Browser, server: Server, trackers: readonly Tracker[], home: string) {
  await browser.close();
  if ('closeAllConnections' in server) server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  for (const tracker of trackers) tracker.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** What axe has against the page as it is. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}
