import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { openTracker, type Tracker } from '@atelier/tracker';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { createApp, listen } from '../../src/index.ts';
import { madeDataset } from '../store.ts';

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

/** A real server over a store of its own, and a page for each test. */
export interface Site {
  readonly tracker: Tracker;
  readonly home: string;
  readonly origin: string;
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page complained about, answers of 400 and above among it; must be empty when a test ends. */
  complaints: string[];
  /** Fails with what axe finds wrong, in light and in dark. */
  accessible(): Promise<void>;
}

/** Call once in a test file: the site is there in every test. */
export function useSite(fill: (tracker: Tracker) => void, options: { readOnly?: boolean } = {}): Site {
  let browser: Browser;
  let server: Server;
  let reader: Tracker;
  const site = { complaints: [] as string[] } as {
    -readonly [Key in keyof Site]: Site[Key];
  };
  beforeAll(async () => {
    if (!existsSync(join(WEB_ROOT, 'index.html')))
      throw new Error('build the page first: nx run dashboard:build');
    site.home = mkdtempSync(join(tmpdir(), 'atelier-e2e-'));
    site.tracker = openTracker({ home: site.home });
    fill(site.tracker);
    reader = openTracker({ home: site.home, readonly: true });
    const app = createApp(reader, () => Promise.resolve(madeDataset(400)), {
      webRoot: WEB_ROOT,
      ...(options.readOnly !== true && { write: () => site.tracker }),
    });
    const listening = await listen(app, { host: '127.0.0.1', port: 0, orNext: false });
    server = listening.server;
    site.origin = `http://127.0.0.1:${listening.port}`;
    browser = await chromium.launch({ executablePath: chromiumPath(), args: FLAGS.split(' ') });
  });
  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
    reader?.close();
    site.tracker?.close();
    rmSync(site.home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });
  beforeEach(async () => {
    site.complaints = [];
    site.context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await site.context.newPage();
    page.on('console', (message) => message.type() === 'error' && site.complaints.push(message.text()));
    page.on('pageerror', (error) => site.complaints.push(error.message));
    page.on('response', (response) => {
      if (response.status() >= 400) site.complaints.push(`${response.status()} ${response.url()}`);
    });
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== site.origin && protocol !== 'blob:' && protocol !== 'data:')
        site.complaints.push(`left the origin: ${request.url()}`);
    });
    site.page = page;
  });
  afterEach(async () => {
    await site.context.close();
    expect(site.complaints).toEqual([]);
  });
  site.accessible = async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await site.page.emulateMedia({ colorScheme });
      const { violations } = await new AxeBuilder({ page: site.page }).analyze();
      const found = violations.map(
        ({ id, nodes }) => `${colorScheme} ${id}: ${nodes[0]?.html} (${nodes.length})`,
      );
      expect(found).toEqual([]);
    }
  };
  return site;
}
