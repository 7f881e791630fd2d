import type { CurveAxis } from '../../api/curves.ts';
import { firstAt, type PlotLine, type Range } from './scene.ts';

const MOST_ROWS = 50;

/** Some of them, evenly, the last always. */
function thinned(places: readonly number[]): readonly number[] {
  const step = Math.ceil(places.length / MOST_ROWS);
  return places.filter((_, at) => (places.length - 1 - at) % step === 0);
}

function wholeNumbers(low: number, high: number): number[] {
  const first = Math.ceil(low);
  return Array.from({ length: Math.max(0, Math.floor(high) - first + 1) }, (_, at) => first + at);
}

/** The places that a table of these lines has rows for: whole epochs, or places where there are points; at most 50. */
export function tablePlaces(
  lines: readonly PlotLine[],
  axis: CurveAxis,
  zoom: Range | null,
): readonly number[] {
  const [from, to] = zoom ?? [-Infinity, Infinity];
  const all = lines.flatMap(({ x }) => x).filter((place) => place >= from && place <= to);
  const places = [...new Set(all)].sort((a, b) => a - b);
  if (axis !== 'epoch' || places.length === 0) return thinned(places);
  const last = places.at(-1)!;
  const whole = wholeNumbers(Math.max(places[0]!, Number.EPSILON), last);
  return thinned(whole.at(-1) === last ? whole : [...whole, last]);
}

/** A line's last value up to a place, as it was recorded; undefined before its first, null where it is not finite. */
export function valueAt(line: PlotLine, place: number): number | null | undefined {
  const after = firstAt(line.x, place);
  const at = line.x[after] === place ? after : after - 1;
  return at < 0 ? undefined : line.y[at];
}
