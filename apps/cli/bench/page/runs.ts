/**
 * The run list at size, in a real Chromium over a real server.
 *
 *   npx tsx apps/cli/bench/page/runs.ts [--runs=10000] [--home=<folder>] [--short] [--json] [--help]
 *
 * Fills a home with so many runs (or takes one that is filled), starts `dashboard:serve` over it, and measures: cold start
 * and resident memory of the server; bytes of the first load, as sent and after gzip; first paint and the first row;
 * filter and sort up to the next frame; frames while scrolling, and where their time goes; requests a second of the main calls (through npx
 * autocannon, where a registry is reachable). Needs Chromium (CHROMIUM_PATH) and a built page.
 */
import { ENTRY } from '../../src/terminal/entry.ts';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { traced } from './frames.ts';
import { changes, firstLook, scroll } from './run-page.ts';
import { fillRuns } from './run-store.ts';

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
const COUNT = flags.short ? 500 : Number(flags.runs);
const home = flags.home ?? mkdtempSync(join(tmpdir(), 'atelier-runs-'));

interface Served {
  readonly child: ChildProcess;
  readonly url: string;
  readonly coldStartMs: number;
}

async function serve(): Promise<Served> {
  // loading fetch takes this process as long as an answer: before the clock runs
  await fetch('http://127.0.0.1:9').catch(() => undefined);
  const began = performance.now();
  const child = spawn(process.execPath, [ENTRY, 'serve', '--port=0'], {
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

if (!existsSync(join(home, 'atelier.db'))) fillRuns(home, COUNT);
// the first start after a change of the sources bundles them: what is measured is every later one
const first = await serve();
const gone = once(first.child, 'exit');
first.child.kill('SIGTERM');
await gone;
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
const wheeled = await scroll(page, 240, 100);
// a trace costs frames: the split is of a second, shorter scroll
const { result: short, ms } = await traced(browser, page, () => scroll(page, 120));
const frameMs = Object.fromEntries(Object.entries(ms).map(([cause, all]) => [cause, all / short.frames]));
const residentMb = await residentMegabytes(url);
await browser.close();
const paths = ['/api/health', '/api/runs/order', '/api/runs/rows?ids=1,2,3,4,5,6,7,8,9,10', '/api/runs/1'];
const requests: Record<string, number | undefined> = {};
for (const path of paths) requests[path] = await requestsPerSecond(url, path);
const residentAfterRequestsMb = await residentMegabytes(url);
child.kill('SIGTERM');
if (flags.home === undefined) rmSync(home, { recursive: true, force: true });
const result = {
  benchmark: 'dashboard-runs',
  machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`,
  runs: flags.home === undefined ? COUNT : flags.home,
  ...{
    coldStartMs,
    residentMb,
    residentAfterRequestsMb,
    ...look,
    ...changed,
    scroll: { ...scrolled, frameMs },
    wheel: wheeled,
    requestsPerSecond: requests,
  },
};
console.log(flags.json ? JSON.stringify(result) : result);
