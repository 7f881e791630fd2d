import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';

/** Milliseconds from the page's start to its first paint and to its first row. */
export async function firstLook(page: Page, url: string) {
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

/** Frames while the table is scrolled by so many pixels a frame: 340 are ten new rows, 100 a notch of a wheel. */
export async function scroll(page: Page, frames = 240, pixels = 340) {
  const gaps = await page.evaluate(
    ([wanted, by]) =>
      new Promise<number[]>((resolve) => {
        const box = document.querySelector('.run-rows')!;
        const found: number[] = [];
        let last = performance.now();
        const frame = (): void => {
          const now = performance.now();
          found.push(now - last);
          last = now;
          box.scrollTop += by;
          if (found.length < wanted) requestAnimationFrame(frame);
          else resolve(found.slice(1));
        };
        requestAnimationFrame(frame);
      }),
    [frames, pixels] as const,
  );
  const sorted = gaps.toSorted((a, b) => a - b);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  return {
    frames,
    framesPerSecond: 1000 / mean,
    p95FrameMs: sorted[Math.floor(0.95 * sorted.length)]!,
    worstFrameMs: sorted.at(-1)!,
  };
}

function summed(values: readonly number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * sorted.length)]!;
  return { changes: values.length, medianMs: at(0.5), p95Ms: at(0.95), worstMs: sorted.at(-1)! };
}

const FILTERS = [
  'val/accuracy > 0.3',
  'run-12',
  'optimizer.kind = sgd',
  'val/loss < 0.5 and batchSize = 64',
  '',
];
const SORTS = ['val/accuracy', 'val/loss', 'name', 'val/accuracy', 'created'];

/** Milliseconds of several rounds of filters and sorts, the first ever among them. */
export async function changes(page: Page, rounds = 8) {
  const filters: number[] = [];
  const sorts: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const text of FILTERS) {
      filters.push(await untilRowsChange(page, 'filter', text));
      await page.waitForTimeout(200);
    }
    for (const column of SORTS) {
      sorts.push(await untilRowsChange(page, 'sort', column));
      await page.waitForTimeout(200);
    }
  }
  return { filter: summed(filters), sort: summed(sorts) };
}
