/**
 * The run list at size, in a real Chromium over a real server.
 *
 *   npx tsx apps/dashboard/bench/runs.ts [--runs=10000] [--home=<folder>] [--short] [--json] [--help]
 *
 * Fills a home with so many runs (or takes one that is there), starts `dashboard:serve` over it, and measures: cold start
 * and resident memory of the server; bytes of the first load, as sent and after gzip; first paint and the first row;
 * filter and sort up to the next frame; frames while scrolling; requests a second of the main calls (through npx
 * autocannon, where a registry is reachable). Needs Chromium (CHROMIUM_PATH) and a built page.
 */
import { STARTER } from '@atelier/cli';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { openTracker } from '@atelier/tracker';
import { chromium, type Page } from 'playwright-core';

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    home: { type: 'string' },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(readFileSync(import.meta.filename, 'utf8').match(/\/\*\*[^]*?\*\//)![0]);
  process.exit(0);
}
const FOLDER = fileURLToPath(new URL('..', import.meta.url));
const COUNT = flags.short ? 500 : Number(flags.runs);
const home = flags.home ?? mkdtempSync(join(tmpdir(), 'atelier-runs-'));

/** Runs of a sweep's shape: six curves of ten points, a dozen parameters. */
function fill(): void {
  using tracker = openTracker({ home });
  const environment = {
    machine: { cpu: 'bench', cores: 2, memoryBytes: 1, platform: 'linux', arch: 'x64' },
    node: process.version,
    engine: { name: 'cpu', version: '1', threads: 1, precision: 'fp32' },
    command: ['bench'],
  };
  for (let at = 0; at < COUNT; at++) {
    const random = (salt: number): number => ((at * 7919 + salt * 104_729) % 100_003) / 100_003;
    using run = tracker.startRun({
      project: `p${at % 4}`,
      name: `run-${at}`,
      config: {
        optimizer: { kind: at % 3 === 0 ? 'sgd' : 'adam', learningRate: 10 ** (-1 - 4 * random(1)) },
        model: { kind: 'seed-cnn', dropout: random(2) },
        ...{ batchSize: 2 ** (4 + (at % 5)), epochs: 10, seed: at % 10 },
      },
      environment,
    });
    for (let step = 1; step <= 10; step++) {
      const value = random(3) * (1 - Math.exp(-step / 3));
      run.log(
        { 'train/loss': 1 - value, 'train/accuracy': value, 'val/loss': 1 - value, 'val/accuracy': value },
        { step, epoch: step },
      );
    }
    run.finish();
  }
}

interface Served {
  readonly child: ChildProcess;
  readonly url: string;
  readonly coldStartMs: number;
}

async function serve(): Promise<Served> {
  const began = performance.now();
  const child = spawn(process.execPath, [STARTER, 'src/cli/main.ts', 'serve', '--port=0'], {
    cwd: FOLDER,
    env: { ...process.env, ATELIER_HOME: home },
  });
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (part) => {
      const found = /http:\/\/\S+:\d+/.exec((text += String(part)));
      if (found) resolve(found[0]);
    });
    child.once('exit', () => reject(new Error(`the server ended: ${text}`)));
  });
  await fetch(`${url}/api/health`);
  return { child, url, coldStartMs: performance.now() - began };
}

async function residentMegabytes(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\d+)/m.exec(text)![1]) / 1e6;
}

/** Milliseconds from the page's start to its first paint and to its first row. */
async function firstLook(page: Page, url: string) {
  const bodies: Promise<Buffer>[] = [];
  page.on('response', (response) => {
    if (!response.url().includes('/api/')) bodies.push(response.body().catch(() => Buffer.alloc(0)));
  });
  await page.addInitScript(() => {
    const watch = new MutationObserver(() => {
      if (document.querySelector('tr[data-run] a') === null) return;
      watch.disconnect();
      requestAnimationFrame(() => Object.assign(globalThis, { firstRow: performance.now() }));
    });
    watch.observe(document, { childList: true, subtree: true });
  });
  await page.goto(url);
  await page.waitForFunction(() => 'firstRow' in globalThis);
  const times = await page.evaluate(() => ({
    firstPaintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    firstRowMs: (globalThis as unknown as { firstRow: number }).firstRow,
  }));
  const files = await Promise.all(bodies);
  return {
    ...times,
    bytes: files.reduce((sum, { length }) => sum + length, 0),
    gzipBytes: files.reduce((sum, body) => sum + gzipSync(body).length, 0),
  };
}

/** Milliseconds from an act to the frame after the table shows other rows. */
async function untilRowsChange(page: Page, act: 'filter' | 'sort', value: string): Promise<number> {
  return page.evaluate(
    ([what, text]) =>
      new Promise<number>((resolve) => {
        const shown = (): string =>
          [...document.querySelectorAll<HTMLElement>('tr[data-run]')]
            .map((row) => row.dataset['run'])
            .join() + document.querySelector('.runs-tools [role="status"]')!.textContent;
        const filled = (): boolean => document.querySelector('tr[data-run] a') !== null;
        const before = shown();
        const began = performance.now();
        const look = (): void => {
          if (shown() !== before && filled()) requestAnimationFrame(() => resolve(performance.now() - began));
          else requestAnimationFrame(look);
        };
        if (what === 'filter') {
          const input = document.querySelector<HTMLInputElement>('.filter input')!;
          input.value = text!;
          input.dispatchEvent(new Event('input', { bubbles: true }));
        } else document.querySelector<HTMLElement>(`th[data-column="${text}"] button`)!.click();
        look();
      }),
    [act, value] as const,
  );
}

/** Frames while the table is scrolled by ten rows a frame. */
async function scroll(page: Page) {
  const gaps = await page.evaluate(
    () =>
      new Promise<number[]>((resolve) => {
        const box = document.querySelector('.run-rows')!;
        const found: number[] = [];
        let last = performance.now();
        const frame = (): void => {
          const now = performance.now();
          found.push(now - last);
          last = now;
          box.scrollTop += 340;
          if (found.length < 240) requestAnimationFrame(frame);
          else resolve(found.slice(1));
        };
        requestAnimationFrame(frame);
      }),
  );
  const sorted = gaps.toSorted((a, b) => a - b);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  return {
    framesPerSecond: 1000 / mean,
    p95FrameMs: sorted[Math.floor(0.95 * sorted.length)]!,
    worstFrameMs: sorted.at(-1)!,
  };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

async function changes(page: Page) {
  const filters: number[] = [];
  const sorts: number[] = [];
  for (const text of [
    'val/accuracy > 0.3',
    'run-12',
    'optimizer.kind = sgd',
    'val/loss < 0.5 and batchSize = 64',
    '',
  ]) {
    filters.push(await untilRowsChange(page, 'filter', text));
    await page.waitForTimeout(200);
  }
  for (const column of ['val/accuracy', 'val/loss', 'name', 'val/accuracy', 'created']) {
    sorts.push(await untilRowsChange(page, 'sort', column));
    await page.waitForTimeout(200);
  }
  return {
    filter: { medianMs: median(filters), worstMs: Math.max(...filters) },
    sort: { medianMs: median(sorts), worstMs: Math.max(...sorts) },
  };
}

/** Requests a second with ten connections; undefined where autocannon cannot be had. */
async function requestsPerSecond(url: string, path: string): Promise<number | undefined> {
  try {
    const args = ['--yes', 'autocannon@8.0.0', '--json', '-d', '3', '-c', '10', `${url}${path}`];
    const { stdout } = await promisify(execFile)('npx', args, { maxBuffer: 1e8 });
    return (JSON.parse(stdout) as { requests: { average: number } }).requests.average;
  } catch {
    return undefined;
  }
}

if (flags.home === undefined) fill();
const { child, url, coldStartMs } = await serve();
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu'],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
// tsx names functions with a helper that the page does not have
await page.addInitScript({ content: 'globalThis.__name = (of) => of;' });
const look = await firstLook(page, url);
await page.waitForTimeout(500);
const changed = await changes(page);
const scrolled = await scroll(page);
const residentMb = await residentMegabytes(url);
await browser.close();
const paths = ['/api/health', '/api/runs/order', '/api/runs/rows?ids=1,2,3,4,5,6,7,8,9,10', '/api/runs/1'];
const requests: Record<string, number | undefined> = {};
for (const path of paths) requests[path] = await requestsPerSecond(url, path);
child.kill('SIGTERM');
if (flags.home === undefined) rmSync(home, { recursive: true, force: true });
const result = {
  benchmark: 'dashboard-runs',
  machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`,
  runs: flags.home === undefined ? COUNT : flags.home,
  ...{ coldStartMs, residentMb, ...look, ...changed, scroll: scrolled, requestsPerSecond: requests },
};
console.log(flags.json ? JSON.stringify(result) : result);
