import { canonicalJson } from '@atelier/base';
import { SamplerError } from '../errors.ts';
import { endless, grid } from '../grid.ts';
import { compileSpace } from '../space-activity.ts';
import type { Parameters, Trial } from '../trial.ts';
import { sameParameters } from './same-trial.ts';
import type { Sampler, SamplerTask } from './sampler.ts';

interface Cell {
  readonly point: Parameters;
  readonly text: string;
}

/**
 * The cells that no trial has, in canonical order: for the number after the last trial's the first of them, for the next number the
 * second, and so on. So a widened grid gets its new cells only, and several numbers may be asked of one history.
 */
export function gridSampler({ space }: SamplerTask): Sampler {
  const open = endless(compileSpace(space));
  if (open !== undefined) {
    throw new SamplerError(
      'grid',
      `"${open.path}" has no end of values: give it a step (0.2..0.5:0.1) or list its values`,
    );
  }
  const cells = grid(space);
  const built: Cell[] = [];
  const cellAt = (index: number): Cell | undefined => {
    while (built.length <= index) {
      const next = cells.next();
      if (next.done) return undefined;
      built.push({ point: next.value, text: canonicalJson(next.value) });
    }
    return built[index];
  };
  const taken = new TakenCells();
  return {
    suggest(history, number) {
      taken.read(history);
      const own = taken.textOf(number);
      const others = (text: string): number => taken.count(text) - (text === own ? 1 : 0);
      let left = Math.max(0, number - taken.lastBut(number) - 1);
      for (let i = own === undefined ? taken.from : 0; ; i++) {
        const cell = cellAt(i);
        if (cell === undefined) return undefined;
        if (others(cell.text) > 0) {
          if (i === taken.from && own === undefined) taken.from++;
        } else if (left-- === 0) {
          return cell.point;
        }
      }
    },
  };
}

/** Which points the trials have; read again only where the history differs from the last one. */
class TakenCells {
  /** Every cell before this one is taken. */
  from = 0;
  #trials: Trial[] = [];
  #counts = new Map<string, number>();
  #texts = new Map<number, string>();
  #last = -1;

  read(history: readonly Trial[]): void {
    const known = this.#trials;
    const same =
      known.length <= history.length && known.every((trial, i) => sameParameters(trial, history[i]!));
    if (!same) this.#forget();
    for (let i = this.#trials.length; i < history.length; i++) this.#add(history[i]!);
  }

  count(text: string): number {
    return this.#counts.get(text) ?? 0;
  }

  textOf(number: number): string | undefined {
    return this.#texts.get(number);
  }

  /** The highest number of a trial other than `number`; -1 where there is none. */
  lastBut(number: number): number {
    if (number !== this.#last) return this.#last;
    return this.#trials.reduce(
      (last, trial) => (trial.number === number ? last : Math.max(last, trial.number)),
      -1,
    );
  }

  #add(trial: Trial): void {
    const text = canonicalJson(trial.parameters);
    this.#trials.push(trial);
    this.#counts.set(text, this.count(text) + 1);
    this.#texts.set(trial.number, text);
    this.#last = Math.max(this.#last, trial.number);
  }

  #forget(): void {
    this.#trials = [];
    this.#counts.clear();
    this.#texts.clear();
    this.#last = -1;
    this.from = 0;
  }
}
