import type { CurveBucket, CurveView, Tracker } from '@atelier/tracker';
import type { CurveAxis, CurveLine, CurveViews, CurveViewsQuery } from '../../api/curves.ts';
import { Smoothing } from './smoothing.ts';

/** What an axis needs to know of a run, and never changes. */
interface RunFacts {
  readonly startedAt: number;
  readonly batchSize: number | undefined;
}

type Place = (bucket: CurveBucket) => number;

type CurveStretch = Pick<CurveViewsQuery, 'from' | 'to' | 'pixels'>;

/** Entries of curves kept: about 150 bytes each. */
const MOST_BUCKETS = 50_000;

/** A curve of fewer points, such as one of epochs, is shown as it is. */
const FEWEST_SMOOTHED = 50;

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** A column with the decimals that its largest value needs for so many digits: a third of the text. */
function shortened(column: readonly (number | null)[], digits: number): (number | null)[] {
  const most = column.reduce<number>((largest, value) => Math.max(largest, Math.abs(value ?? 0)), 0);
  if (most === 0) return [...column];
  const scale = 10 ** (digits - Math.ceil(Math.log10(most)));
  return column.map((value) => value && Math.round(value * scale) / scale);
}

function batchSizeOf(parameters: Readonly<Record<string, unknown>>): number | undefined {
  const name = Object.keys(parameters).find((key) => /(^|\.)batch_?size$/i.test(key));
  const value = name === undefined ? undefined : parameters[name];
  return typeof value === 'number' && value > 0 ? value : undefined;
}

function oddities(buckets: readonly CurveBucket[]): [number, number][] {
  return buckets.flatMap(({ hasNaN, hasInfinity, hasNegativeInfinity }, at): [number, number][] => {
    const kind = (hasNaN ? 1 : 0) + (hasInfinity ? 2 : 0) + (hasNegativeInfinity ? 4 : 0);
    return kind === 0 ? [] : [[at, kind]];
  });
}

function columnsOf(
  view: CurveView,
  place: Place | undefined,
  extremes: boolean,
): Omit<CurveLine, 'run' | 'smooth'> {
  const { key, total, span, buckets } = view;
  const joined = span > 1 && extremes;
  return {
    key,
    total,
    span,
    step: buckets.map(({ stepMax }) => stepMax),
    x: place === undefined ? null : buckets.map(place),
    last: buckets.map(({ last }) => finite(last)),
    min: joined ? buckets.map(({ min }) => finite(min)) : null,
    max: joined ? buckets.map(({ max }) => finite(max)) : null,
    odd: oddities(buckets),
  };
}

function inShort(line: CurveLine, digits: number): CurveLine {
  const short = (column: readonly (number | null)[] | null) => column && shortened(column, digits);
  return {
    ...line,
    x: short(line.x) as number[] | null,
    last: shortened(line.last, digits),
    min: short(line.min),
    max: short(line.max),
    smooth: short(line.smooth),
  };
}

/** Curves of one tracker, ready to be drawn. */
export class CurveViewer {
  private readonly tracker: Tracker;
  private readonly smoothing: Smoothing;
  private readonly facts = new Map<number, RunFacts>();
  private readonly kept = new Map<string, CurveView>();
  private keptAt = -1;
  private keptBuckets = 0;

  constructor(tracker: Tracker) {
    this.tracker = tracker;
    this.smoothing = new Smoothing(tracker);
  }

  views(query: CurveViewsQuery): CurveViews {
    // before anything is read: what is written meanwhile is read the next time
    const counter = this.tracker.changeCounter();
    const lines: CurveLine[] = [];
    const unknown: number[] = [];
    const withoutAxis: number[] = [];
    for (const run of query.runs) {
      if (!this.facts.has(run) && !this.look(run)) {
        unknown.push(run);
        continue;
      }
      const place = this.placeOn(query.x, run);
      const found =
        place === null ? [] : query.keys.flatMap((key) => this.line(run, key, query, place, counter) ?? []);
      lines.push(...found);
      // reading a run costs more than its curve: one known is only looked for again where nothing of it is found
      if (found.length === 0 && !this.look(run)) unknown.push(run);
      else if (place === null) withoutAxis.push(run);
    }
    return { lines, unknown, withoutAxis };
  }

  /** @throws RunUnknownError of the tracker. */
  keys(runs: readonly number[]): string[] {
    const names = new Set<string>();
    for (const run of runs.slice(0, 20)) {
      for (const name of Object.keys(this.tracker.getRun(run).metrics)) {
        if (!names.has(name) && this.tracker.curve(run, name, { pixels: 1 }) !== undefined) names.add(name);
      }
    }
    return [...names].sort();
  }

  /** Whether there is such a run. */
  private look(run: number): boolean {
    this.facts.delete(run);
    try {
      const { startedAt, parameters } = this.tracker.getRun(run);
      this.facts.set(run, { startedAt, batchSize: batchSizeOf(parameters) });
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === 'RUN_UNKNOWN') return false;
      throw error;
    }
  }

  private line(run: number, key: string, query: CurveViewsQuery, place: Place | undefined, counter: number) {
    const { from, to, pixels, smooth, extremes, digits } = query;
    const view = this.viewOf(run, key, { from, to, pixels }, counter);
    if (view === undefined) return undefined;
    const columns = columnsOf(view, place, extremes);
    const means =
      smooth === 0 || view.total < FEWEST_SMOOTHED
        ? null
        : this.smoothing.at(run, key, smooth, columns.step, counter);
    const line = { run, ...columns, smooth: means };
    return digits === undefined ? line : inShort(line, digits);
  }

  /** Kept until anything is written: another axis or smoothing asks for the same points again. */
  private viewOf(run: number, key: string, stretch: CurveStretch, counter: number): CurveView | undefined {
    if (counter !== this.keptAt) {
      this.kept.clear();
      this.keptAt = counter;
      this.keptBuckets = 0;
    }
    const name = JSON.stringify([run, key, stretch]);
    const known = this.kept.get(name);
    if (known !== undefined) return known;
    const view = this.tracker.curve(run, key, stretch);
    const buckets = view?.buckets.length ?? 0;
    if (view === undefined || this.keptBuckets + buckets > MOST_BUCKETS) return view;
    this.kept.set(name, view);
    this.keptBuckets += buckets;
    return view;
  }

  /** Undefined: the step itself; null: this run has no such axis. */
  private placeOn(axis: CurveAxis, run: number): Place | undefined | null {
    if (axis === 'step') return undefined;
    const { startedAt, batchSize } = this.facts.get(run)!;
    if (axis === 'time') return ({ wallTime }) => (wallTime - startedAt) / 1000;
    if (axis === 'images') return batchSize === undefined ? null : ({ stepMax }) => stepMax * batchSize;
    const perEpoch = this.stepsPerEpoch(run);
    if (perEpoch === undefined) return ({ epoch, stepMax }) => epoch ?? stepMax;
    return ({ stepMax }) => stepMax / perEpoch;
  }

  /** From the last validation: it falls on the end of an epoch. */
  private stepsPerEpoch(run: number): number | undefined {
    for (const key of ['val/loss', 'val/accuracy', 'train/learningRate']) {
      const last = this.tracker.curve(run, key, { pixels: 1 })?.buckets.at(-1);
      if (last?.epoch !== undefined && last.epoch > 0) return last.stepMax / last.epoch;
    }
    return undefined;
  }
}
