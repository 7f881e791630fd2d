import { ENTRY } from '../../src/terminal/entry.ts';
import { openTracker, type RunWriter, type Tracker } from '@atelier/tracker';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';

const HELP = `How fast curves are drawn, in a real Chromium over the real server (a process of its own).

  npx tsx apps/cli/bench/page/curves.ts [--short] [--json]

Build the page first (nx run dashboard:build). Times in milliseconds, from the click, the key or log() until the frame
with the lines has been drawn. --short: 100,000 points instead of a million, 30 runs instead of 100, fewer repeats.`;

const { values: flags } = parseArgs({
  options: { short: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
});
if (flags.help) {
  process.stdout.write(`${HELP}\n`);
  process.exit(0);
}
const POINTS = flags.short ? 100_000 : 1_000_000;
const RUNS = flags.short ? 30 : 100;
const STEPS = 3000;
const REPEATS = flags.short ? 5 : 15;

function begin(tracker: Tracker, name: string): RunWriter {
  return tracker.startRun({ project: 'curves', name, config: { batchSize: 128 } });
}

const noise = (at: number): number => Math.sin(at * 12.9898) * 0.05;

async function fill(tracker: Tracker): Promise<number> {
  const long = begin(tracker, 'long');
  for (let step = 1; step <= POINTS; step++) {
    long.log({ 'train/loss': 0.3 + Math.exp(-step / (POINTS / 6)) + noise(step) }, { step, epoch: 1 });
    if (step % 50_000 === 0) await wait(20);
  }
  long.finish();
  for (let at = 1; at <= RUNS; at++) {
    const run = begin(tracker, `run-${at}`);
    for (let step = 1; step <= STEPS; step++) {
      const loss = 0.3 + at / 400 + Math.exp(-step / (300 + 5 * at)) + noise(step + at);
      run.log({ 'train/loss': loss, 'train/accuracy': 1 - loss / 2 }, { step, epoch: Math.ceil(step / 430) });
    }
    run.finish();
  }
  return long.id;
}

function serve(home: string): Promise<{ origin: string; server: ChildProcess }> {
  const server = spawn(process.execPath, [ENTRY, 'serve', '--port=0'], {
    env: { ...process.env, ATELIER_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  return new Promise((resolve, reject) => {
    server.stdout.on('data', (chunk: Buffer) => {
      text += String(chunk);
      const origin = /http:\/\/[\d.:]+\d/.exec(text)?.[0];
      if (origin !== undefined) resolve({ origin, server });
    });
    server.once('exit', () => reject(new Error(`the server ended: ${text}`)));
  });
}

const round = (value: number): number => Math.round(value * 10) / 10;

function summary(times: number[]): { median: number; worst: number; times: number } {
  const sorted = times.toSorted((a, b) => a - b);
  return { median: round(sorted[sorted.length >> 1]!), worst: round(sorted.at(-1)!), times: sorted.length };
}

interface Wanted {
  readonly lines: number;
  /** Canvases that must be there. */
  readonly charts: number;
  readonly spanBelow?: number;
}

/** Milliseconds from an act in the page until its lines are drawn and the frame is out. */
async function timed(
  page: Page,
  act: { link?: string; click?: string; key?: string },
  wanted: Wanted,
): Promise<number> {
  return page.evaluate(
    async ([{ link, click, key }, { lines, charts, spanBelow }]) => {
      const begun = performance.now();
      if (link !== undefined) {
        const anchor = document.createElement('a');
        anchor.href = link;
        document.querySelector('main')!.append(anchor);
        anchor.click();
      }
      if (click !== undefined) (document.querySelector(click) as HTMLElement).click();
      if (key !== undefined)
        document.querySelector('.plot')!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      const isDone = ({ dataset }: HTMLCanvasElement): boolean =>
        Number(dataset['drawn']) - performance.timeOrigin > begun &&
        Number(dataset['lines']) >= lines &&
        (spanBelow === undefined || Number(dataset['span']) < spanBelow);
      for (;;) {
        await new Promise(requestAnimationFrame);
        const done = [...document.querySelectorAll<HTMLCanvasElement>('.plot canvas')].filter(isDone);
        if (done.length >= charts) break;
        if (performance.now() - begun > 30_000) throw new Error('nothing was drawn in 30 s');
      }
      await new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      return performance.now() - begun;
    },
    [act, wanted] as const,
  );
}

async function repeat(times: number, act: () => Promise<number>): Promise<ReturnType<typeof summary>> {
  const all: number[] = [];
  for (let at = 0; at < times; at++) all.push(await act());
  return summary(all);
}

async function home(page: Page, origin: string): Promise<void> {
  await page.goto(origin);
  await page.waitForSelector('main a');
  await page.waitForTimeout(300);
}

async function longCurve(page: Page, origin: string, id: number) {
  const drawn = await repeat(REPEATS, async () => {
    await home(page, origin);
    return timed(page, { link: `/runs/${id}?smooth=0&x=step` }, { lines: 1, charts: 1 });
  });
  const smoothed = await repeat(3, async () => {
    await home(page, origin);
    return timed(page, { link: `/runs/${id}?x=step` }, { lines: 1, charts: 1 });
  });
  await home(page, origin);
  await timed(page, { link: `/runs/${id}?smooth=0&x=step` }, { lines: 1, charts: 1 });
  const span = () =>
    page.evaluate(() => Number(document.querySelector<HTMLCanvasElement>('.plot canvas')!.dataset['span']));
  const finer = await repeat(REPEATS, async () => {
    await page.locator('.plot').first().press('0');
    await page.waitForTimeout(300);
    // where one press does not reach the next finer level of the store, the second does
    if (flags.short) await timed(page, { key: '+' }, { lines: 1, charts: 1 });
    await page.waitForTimeout(200);
    return timed(page, { key: '+' }, { lines: 1, charts: 1, spanBelow: await span() });
  });
  return { firstDrawn: drawn, firstDrawnThenSmoothed: smoothed, zoomToFinerData: finer };
}

async function overlaid(page: Page, origin: string, ids: readonly number[]) {
  const link = `/compare?runs=${ids.join()}&x=step`;
  const wanted = { lines: ids.length, charts: 2 };
  const opened = await repeat(3, async () => {
    await home(page, origin);
    return timed(page, { link }, wanted);
  });
  const raw = '[aria-label="Horizontal axis"] button';
  const again = await repeat(REPEATS, async () => {
    const [time, step] = [`${raw}:nth-child(3)`, `${raw}:nth-child(2)`];
    await page.waitForTimeout(600);
    const first = await timed(page, { click: time }, wanted);
    await page.waitForTimeout(600);
    return Math.max(first, await timed(page, { click: step }, wanted));
  });
  return { opened, drawnAnew: again };
}

async function live(page: Page, origin: string, tracker: Tracker) {
  const run = begin(tracker, 'live');
  let step = 0;
  for (; step < 2000; step++) run.log({ 'train/loss': 1 + noise(step) }, { step: step + 1, epoch: 1 });
  run.flush();
  await page.goto(`${origin}/runs/${run.id}?x=step`);
  await page.waitForSelector('.plot canvas[data-last]');
  await page.waitForTimeout(1500);
  const times: number[] = [];
  for (let at = 0; at < 2 * REPEATS; at++) {
    await wait(300 + 7 * ((at * 37) % 50));
    const seen = page.evaluate(
      (last) =>
        new Promise<number>((resolve) => {
          const look = () => {
            const drawn = document.querySelector<HTMLCanvasElement>('.plot canvas')!.dataset['last'];
            // the frame that this callback is part of is out a moment later
            if (Number(drawn) >= last) setTimeout(() => resolve(performance.timeOrigin + performance.now()));
            else requestAnimationFrame(look);
          };
          look();
        }),
      step + 1,
    );
    await wait(30);
    step++;
    const begun = performance.timeOrigin + performance.now();
    run.log({ 'train/loss': 1 + noise(step) }, { step, epoch: 1 });
    times.push((await seen) - begun);
  }
  run.finish();
  return { seenAfterLog: summary(times) };
}

const folder = mkdtempSync(join(tmpdir(), 'atelier-curves-'));
let browser: Browser | undefined;
let server: ChildProcess | undefined;
try {
  using tracker = openTracker({ home: folder });
  const long = await fill(tracker);
  const started = await serve(folder);
  server = started.server;
  const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) throw new Error(`no Chromium at ${executablePath}: set CHROMIUM_PATH`);
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  browser = await chromium.launch({ executablePath, args });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  // tsx names the functions it passes on to the page
  await page.addInitScript('globalThis.__name = (value) => value');
  const ids = Array.from({ length: RUNS }, (_, at) => long + 1 + at);
  const result = {
    points: POINTS,
    runs: RUNS,
    long: await longCurve(page, started.origin, long),
    overlaid: await overlaid(page, started.origin, ids),
    live: await live(page, started.origin, tracker),
  };
  process.stdout.write(`${JSON.stringify(result, null, flags.json ? 0 : 2)}\n`);
} finally {
  await browser?.close();
  server?.kill();
  rmSync(folder, { recursive: true, force: true });
}
