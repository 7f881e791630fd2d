import { signal } from '@preact/signals';
import type { SweepAnalysis } from '../../api/sweep.ts';
import { param, setParams } from '../shell/url.ts';

/** What of each axis is wanted, as shares of its range; axes without one take everything. */
export type Brushes = ReadonlyMap<string, readonly [low: number, high: number]>;

/** Brushes while the pointer moves; null: those of the address hold. */
const draft = signal<Brushes | null>(null);

function parse(text: string): Brushes {
  const brushes = new Map<string, readonly [number, number]>();
  for (const part of text.split(';')) {
    const [axis, low, high] = part.split('~');
    const range = [Number(low), Number(high)] as const;
    if (axis && range.every((end) => end >= 0 && end <= 1)) brushes.set(axis, range);
  }
  return brushes;
}

function write(brushes: Brushes): string {
  return [...brushes]
    .map(([axis, [low, high]]) => `${axis}~${+low.toFixed(3)}~${+high.toFixed(3)}`)
    .join(';');
}

export function brushesNow(): Brushes {
  return draft.value ?? parse(param('brush', ''));
}

/** The brushes that charts follow: many trials wait until the pointer is let go. */
export function brushesFor(trials: number): Brushes {
  return trials > 1000 ? parse(param('brush', '')) : brushesNow();
}

/** The brushes with one axis changed; the whole range is no brush. */
export function withBrush(brushes: Brushes, axis: string, range: readonly [number, number]): Brushes {
  const next = new Map(brushes);
  const [low, high] = [Math.max(0, Math.min(...range)), Math.min(1, Math.max(...range))];
  if (low <= 0 && high >= 1) next.delete(axis);
  else next.set(axis, [low, high]);
  return next;
}

export function draftBrush(axis: string, range: readonly [number, number]): void {
  draft.value = withBrush(brushesNow(), axis, range);
}

/** Puts the brushes into the address. */
export function keepBrushes(brushes: Brushes = brushesNow()): void {
  draft.value = null;
  setParams({ brush: write(brushes) });
}

/** Trials whose lines pass through all brushes; null where nothing is brushed. */
export function keptTrials(
  { axes, objectives, lines }: SweepAnalysis['parallel'],
  brushes: Brushes,
): Set<number> | null {
  const names = [...axes.map(({ path }) => path), ...objectives.map(({ metric }) => metric)];
  const wanted = names.flatMap((name, place) =>
    brushes.has(name) ? [{ place, range: brushes.get(name)! }] : [],
  );
  if (wanted.length === 0) return null;
  const kept = lines.filter(({ places, values }) => {
    const all = [...places, ...values];
    return wanted.every(({ place, range: [low, high] }) => {
      const at = all[place];
      return at !== null && at !== undefined && at >= low - 1e-9 && at <= high + 1e-9;
    });
  });
  return new Set(kept.map(({ number }) => number));
}
