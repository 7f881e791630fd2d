import type { Browser, Page } from 'playwright-core';

/** What Chromium calls the steps of a frame, by what they are. */
const CAUSES: Readonly<Record<string, readonly string[]>> = {
  script: ['FunctionCall', 'FireAnimationFrame', 'EventDispatch', 'RunMicrotasks', 'TimerFire', 'MajorGC', 'MinorGC'],
  style: ['UpdateLayoutTree', 'RecalculateStyles'],
  layout: ['Layout'],
  prepaint: ['PrePaint'],
  paint: ['Paint', 'Layerize', 'Commit'],
  raster: ['RasterTask', 'ImageDecodeTask'],
  draw: ['DirectRenderer::DrawFrame', 'Display::DrawAndSwap', 'SoftwareRenderer::SwapBuffers'],
}; // prettier-ignore

const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'cc', 'viz', 'v8'];

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
}

/** Milliseconds by cause; what a step calls is taken off it, so that nothing counts twice. */
function selfTimes(events: readonly TraceEvent[]): Record<string, number> {
  const causeOf = new Map(
    Object.entries(CAUSES).flatMap(([cause, names]) => names.map((name) => [name, cause])),
  );
  const sums = Object.fromEntries(Object.keys(CAUSES).map((cause) => [cause, 0]));
  const open = new Map<string, { end: number; cause: string }[]>();
  const complete = events.filter(({ ph, name }) => ph === 'X' && causeOf.has(name));
  for (const { name, ts, dur = 0, pid, tid } of complete.toSorted((a, b) => a.ts - b.ts || b.dur! - a.dur!)) {
    const stack = open.get(`${pid} ${tid}`) ?? [];
    open.set(`${pid} ${tid}`, stack);
    while (stack.length > 0 && stack.at(-1)!.end <= ts) stack.pop();
    const cause = causeOf.get(name)!;
    const around = stack.at(-1);
    if (around !== undefined) sums[around.cause]! -= dur / 1000;
    sums[cause]! += dur / 1000;
    stack.push({ end: ts + dur, cause });
  }
  return sums;
}

/** Does an act under Chromium's trace: what it gave, and milliseconds by cause in all. */
export async function traced<T>(
  browser: Browser,
  page: Page,
  act: () => Promise<T>,
): Promise<{ result: T; ms: Record<string, number> }> {
  await browser.startTracing(page, { categories: CATEGORIES });
  const result = await act();
  const trace = JSON.parse(String(await browser.stopTracing())) as { traceEvents: TraceEvent[] };
  return { result, ms: selfTimes(trace.traceEvents) };
}
