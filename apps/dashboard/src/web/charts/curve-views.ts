import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { CurveAxis, CurveViews } from '../../api/curves.ts';
import type { Problem } from '../../api/schema.ts';
import { ask } from '../shell/api.ts';

export interface CurveQuestion {
  readonly runs: readonly number[];
  readonly keys: readonly string[];
  readonly axis: CurveAxis;
  readonly smooth: number;
  /** Steps; null: the whole curve. */
  readonly range: readonly [number, number] | null;
}

export interface CurveAnswer {
  readonly views?: CurveViews;
  readonly problem?: Problem;
}

/** Points per curve: the more curves, the fewer of each, so that all together are read, sent and drawn in a moment. */
const pixelsFor = (lines: number): number => Math.round(Math.max(60, Math.min(900, 18_000 / lines)));

/** More than these are drawn as smoothed lines alone, in which nobody sees a sixth digit. */
const MANY = 20;

function pathOf({ runs, keys, axis, range }: CurveQuestion, smooth: number): string {
  const lines = runs.length * keys.length;
  const query = new URLSearchParams({
    runs: runs.join(),
    keys: keys.join(),
    x: axis,
    pixels: String(pixelsFor(lines)),
    ...(smooth > 0 && { smooth: String(smooth) }),
    ...(lines > MANY && { digits: '6', ...(smooth > 0 && { extremes: 'false' }) }),
    ...(range !== null && { from: String(range[0]), to: String(range[1]) }),
  });
  return `/api/curves?${query}`;
}

/** Asks one thing at a time; of what is asked meanwhile only the last. */
class Asker {
  private busy = false;
  private waiting: CurveQuestion | undefined;
  private shown = '';
  private readonly show: (answer: CurveAnswer) => void;

  constructor(show: (answer: CurveAnswer) => void) {
    this.show = show;
  }

  async ask(question: CurveQuestion): Promise<void> {
    this.waiting = question;
    if (this.busy) return;
    this.busy = true;
    while (this.waiting !== undefined) {
      const now: CurveQuestion = this.waiting;
      this.waiting = undefined;
      await this.answer(now);
    }
    this.busy = false;
  }

  /** The first time raw, because for smoothing the server reads every point; then smoothed, which it continues. */
  private async answer(question: CurveQuestion): Promise<void> {
    const { runs, keys, smooth } = question;
    const kind = [runs, keys, smooth].join(' ');
    const first = this.shown === kind ? smooth : 0;
    await this.step(question, first);
    this.shown = kind;
    if (first !== smooth && this.waiting === undefined) await this.step(question, smooth);
  }

  private async step(question: CurveQuestion, smooth: number): Promise<void> {
    const { data, problem } = await ask<CurveViews>(pathOf(question, smooth));
    // a server that is gone is said elsewhere; what is drawn stays
    if (problem?.code === 'UNREACHABLE') return;
    this.show({ ...(data && { views: data }), ...(problem && { problem }) });
  }
}

/** Curves as they are to be drawn, asked for again when `version` moves. */
export function useCurveViews(question: CurveQuestion, version: number): CurveAnswer {
  const [answer, show] = useState<CurveAnswer>({});
  const asker = useRef<Asker | null>(null);
  asker.current ??= new Asker(show);
  const { runs, keys, axis, smooth, range } = question;
  useLayoutEffect(() => {
    if (runs.length > 0 && keys.length > 0) void asker.current!.ask(question);
  }, [runs.join(), keys.join(), axis, smooth, range?.join(), version]);
  return answer;
}
