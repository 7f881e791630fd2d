import { createSampler, gridSize, type Parameters, type Sampler, type Trial } from '@atelier/search';
import { configurations } from './configurations.ts';
import { GridTooLarge, SweepInvalid } from './errors.ts';
import type { SweepSpec } from './spec.ts';

/** A point of the space with the seed it is to be tried with. */
export interface Candidate {
  readonly parameters: Parameters;
  readonly seed: number;
}

/** A grid of more trials than this asks for a limit. */
export const LARGEST_GRID = 10_000;

/** Samplers whose points do not depend on results, so that all of them can be queued at once. */
const RESULT_FREE: ReadonlySet<string> = new Set(['grid', 'random', 'sobol', 'halton']);

export function isResultFree(spec: SweepSpec): boolean {
  return RESULT_FREE.has(spec.sampler.kind);
}

/** The trials of a whole grid; undefined for other samplers. @throws GridTooLarge, SweepInvalid */
function gridTrials(spec: SweepSpec): number | undefined {
  if (spec.sampler.kind !== 'grid') return undefined;
  const cells = gridSize(spec.space);
  if (cells === undefined)
    throw new SweepInvalid('space', 'a grid needs steps or values for every parameter (0.2..0.5:0.1)');
  return cells * spec.seeds.length;
}

/**
 * How many trials the sweep is to have at most; grids with constraints or conditions may have fewer.
 * @throws GridTooLarge, SweepInvalid where nothing bounds it
 */
export function trialLimit(spec: SweepSpec): number {
  const cells = gridTrials(spec);
  if (cells !== undefined && spec.trials === null && cells > LARGEST_GRID)
    throw new GridTooLarge(cells, LARGEST_GRID);
  if (cells === undefined && spec.trials === null)
    throw new SweepInvalid(
      'trials',
      `how many? ${spec.sampler.kind} has no end of its own: give --trials=<n>`,
    );
  return Math.min(cells ?? Infinity, spec.trials ?? Infinity);
}

/** Gives a sweep its points, one configuration after another. */
export class Candidates {
  readonly #spec: SweepSpec;
  readonly #sampler: Sampler;
  readonly #limit: number;
  #configuration: number;
  #given = 0;

  /** @param known trials of earlier sittings: a sampler that learns goes on behind them, any other gives all again */
  constructor(spec: SweepSpec, known: readonly Trial[]) {
    this.#spec = spec;
    this.#limit = trialLimit(spec);
    const { space, objectives, seed } = spec;
    this.#sampler = createSampler(spec.sampler, { space, objectives, seed });
    const behind = isResultFree(spec) ? [] : known;
    this.#configuration = configurations(behind, spec.seeds.length).length;
  }

  /** One more configuration with all of its seeds; undefined at the end. */
  next(history: readonly Trial[]): Candidate[] | undefined {
    const { seeds } = this.#spec;
    const learns = !isResultFree(this.#spec);
    // what a sampler suggests again is no trial more
    const room = this.#limit - (learns ? history.length : this.#given);
    if (room <= 0) return undefined;
    const seen = learns ? configurations(history, seeds.length) : [];
    const parameters = this.#sampler.suggest(seen, this.#configuration);
    if (parameters === undefined) return undefined;
    this.#configuration++;
    const candidates = seeds.slice(0, room).map((seed) => ({ parameters, seed }));
    this.#given += candidates.length;
    return candidates;
  }
}
