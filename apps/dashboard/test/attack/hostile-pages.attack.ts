/// <reference lib="dom" />
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTracker, type Tracker } from '@atelier/tracker';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createApp, listen } from '../../src/index.ts';
import { madeDataset } from '../store.ts';
import { fillHostile, INHERITED, SCRIPT } from './hostile-home.ts';

/** What pages of other origins, and names that are programs, do to a dashboard that a real browser has open. */

const WEB_ROOT = fileURLToPath(new URL('../../dist/web', import.meta.url));
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-sync'];
/** Points at this machine, as a name server of somebody else's may. */
const REBOUND = 'rebound.example';
const TOKEN = 'sixteen-letters-and-more';

let home: string;
let writer: Tracker;
let reader: Tracker;
let ids: { runs: number[]; sweep: number };
let browser: Browser;
let page: Page;
let origin: string;
let evil: string;
const servers: Server[] = [];
let failures: string[];

async function serve(token?: string): Promise<string> {
  const app = createApp(reader, () => Promise.resolve(madeDataset(400)), {
    webRoot: WEB_ROOT,
    write: () => writer,
    ...(token !== undefined && { token }),
  });
  const { server, port } = await listen(app, { host: '127.0.0.1', port: 0, orNext: false });
  servers.push(server);
  return `http://127.0.0.1:${port}`;
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'atelier-hostile-'));
  writer = openTracker({ home });
  ids = await fillHostile(writer);
  reader = openTracker({ home, readonly: true });
  origin = await serve();
  const stranger = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end('<p>evil'),
  );
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  servers.push(stranger);
  evil = `http://localhost:${(stranger.address() as { port: number }).port}`;
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: [...FLAGS, `--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`],
  });
});

afterAll(async () => {
  await browser?.close();
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  reader?.close();
  writer?.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

beforeEach(async () => {
  failures = [];
  page = await browser.newPage();
  page.on('pageerror', (error) => failures.push(error.message));
});

afterEach(() => page.close());

const state = (): unknown => ({ runs: writer.runIds(), tags: writer.getRun(1).tags, views: writer.views() });

it('changes nothing for a page of another origin, and tells it nothing', async () => {
  const before = state();
  await page.goto(evil);
  const told = await page.evaluate(async (target) => {
    const outcomes: string[] = [];
    const body = JSON.stringify({ ids: [1] });
    const attempts: [string, RequestInit][] = [
      ['/api/runs/trash', { method: 'POST', mode: 'no-cors', body }],
      ['/api/runs/trash', { method: 'POST', body, headers: { 'content-type': 'application/json' } }],
      [
        '/api/runs/1',
        { method: 'PATCH', body: '{"addTags":["x"]}', headers: { 'content-type': 'application/json' } },
      ],
      ['/api/views/a', { method: 'DELETE', credentials: 'include' }],
      ['/api/runs/1', { credentials: 'include' }],
      ['/api/openapi.json', {}],
    ];
    for (const [path, init] of attempts) {
      const said = await fetch(target + path, init).then(
        async (response) => response.type + (await response.text()),
        () => 'refused',
      );
      outcomes.push(said);
    }
    navigator.sendBeacon(`${target}/api/runs/trash`, new Blob([body], { type: 'text/plain' }));
    return outcomes;
  }, origin);
  expect(told).toEqual(new Array(6).fill('refused'));
  // a form needs no permission to be sent
  await page.setContent(
    `<form method="post" enctype="text/plain" action="${origin}/api/runs/trash"><input name='{"ids":[1],"x":"' value='"}'></form>`,
  );
  await Promise.all([page.waitForNavigation(), page.evaluate(() => document.forms[0]!.submit())]);
  expect(await page.textContent('body')).toContain('CROSS_ORIGIN');
  expect(state()).toEqual(before);
});

it('shows itself in no frame, gives no script to others, and streams to none', async () => {
  await page.goto(evil);
  const seen = await page.evaluate(async (target) => {
    const frame = document.body.appendChild(document.createElement('iframe'));
    frame.src = target;
    await new Promise((resolve) => (frame.onload = frame.onerror = resolve));
    const isOpaque = frame.contentDocument === null;
    const stream = new EventSource(`${target}/api/events`);
    const streamed = await new Promise((resolve) => {
      stream.onerror = () => resolve('refused');
      stream.onmessage = stream.onopen = () => resolve('open');
    });
    stream.close();
    return { isOpaque, streamed, frames: frame.contentWindow!.length };
  }, origin);
  expect(seen).toEqual({ isOpaque: true, streamed: 'refused', frames: 0 });
});

it('answers a name that was pointed at this machine with nothing but a refusal', async () => {
  const port = new URL(origin).port;
  for (const path of ['/', '/api/runs/order', '/metrics', '/assets/x.js']) {
    const response = await page.goto(`http://${REBOUND}:${port}${path}`);
    expect([response!.status(), await response!.text()]).toEqual([
      403,
      expect.stringContaining('HOST_REFUSED'),
    ]);
  }
});

it('sends its cookie to no other site, and lets no page read it', async () => {
  const guarded = await serve(TOKEN);
  const response = await page.goto(`${guarded}/?token=${TOKEN}`);
  expect(response!.status()).toBe(200);
  expect(page.url()).not.toContain(TOKEN);
  expect(await page.evaluate(() => document.cookie)).toBe('');
  // a link from elsewhere comes without it: SameSite=Strict
  await page.goto(evil);
  await page.setContent(`<a href="${guarded}/api/views">go</a>`);
  await Promise.all([page.waitForNavigation(), page.click('a')]);
  expect(await page.textContent('body')).toContain('TOKEN_MISSING');
});

it.each(['light', 'narrow'])('runs no name, note, class or file of a stranger (%s)', async (kind) => {
  if (kind === 'narrow') await page.setViewportSize({ width: 500, height: 800 });
  const hostile = ids.runs[2]!;
  const paths = [
    ...[
      '/',
      `/runs/${hostile}`,
      `/compare?runs=1,${hostile}`,
      '/compare?runs=1,2',
      '/sweeps',
      `/sweeps/${ids.sweep}`,
    ],
    ...['/models', '/models/bars', '/data', `/data?dataset=${'e'.repeat(64)}`, '/try', '/?show=families'],
  ];
  for (const path of paths) {
    await page.goto(origin + path);
    await page.waitForLoadState('networkidle').catch(() => undefined);
    await page.locator('main, #page > *').first().waitFor();
    expect(await page.evaluate(() => 'attacked' in window), path).toBe(false);
    expect(await page.locator('img[onerror], script:not([src])').count(), path).toBe(0);
  }
  expect(failures).toEqual([]);
});

it('shows what every object has for no column, sort, cell or filter of an address', async () => {
  for (const name of [...INHERITED, SCRIPT, '[', 'a b', 'cm[__proto__,constructor]']) {
    const columns = JSON.stringify(['name', name, 'val/accuracy']);
    await page.goto(`${origin}/?${new URLSearchParams({ columns, sort: name, curve: name })}`);
    // a sorting that is none is said
    await page.locator('[role=columnheader], .notice').first().waitFor();
    await page.goto(`${origin}/?${new URLSearchParams({ columns })}`);
    await page.getByRole('link', { name: 'run 1' }).waitFor();
    expect(await page.locator('td[data-column]').allTextContents()).not.toContain('[object Object]');
    expect((await page.locator('table').textContent())!).not.toMatch(/native code|\[object/);
    for (const query of [{ q: `${name} = 1` }, { cell: name, split: name, keys: name, x: name }])
      await page.goto(`${origin}/runs/3?${new URLSearchParams(query as Record<string, string>)}`);
    await page.locator('h1').first().waitFor();
  }
  expect(failures).toEqual([]);
});

it('hands a picture or page of a run over as a download, and as nothing else', async () => {
  for (const name of ['picture.svg', 'page.html']) {
    const path = `${origin}/api/runs/${ids.runs[2]}/artifacts/${name}`;
    const download = page.waitForEvent('download');
    await page.goto(path).catch(() => undefined);
    expect((await download).suggestedFilename()).toBe(name);
    await page.goto(origin);
    const drawn = await page.evaluate(
      (src) =>
        new Promise((resolve) => {
          const image = Object.assign(new Image(), { src });
          image.onload = () => resolve('drawn');
          image.onerror = () => resolve('refused');
        }),
      path,
    );
    expect(drawn).toBe('refused');
  }
});
