import { nearest } from '@atelier/base';

/** ` Did you mean "x"?` with the nearest of `known`, or nothing where none is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  return known.length === 0 ? '' : ` Did you mean "${nearest(name, known)}"?`;
}

/** A search space that holds no point, contradicts itself, or names what is not there. */
export class SpaceError extends Error {
  readonly code = 'SPACE_INVALID';
  readonly usage = true;
  /** The path of the parameter at fault, or the constraint's text. */
  readonly subject: string | undefined;
  constructor(problem: string, subject?: string) {
    super(problem);
    this.subject = subject;
  }
}

/** A constraint that cannot be read, or compares what cannot be compared. */
export class ConstraintError extends Error {
  readonly code = 'SPACE_INVALID';
  readonly usage = true;
  readonly subject: string;
  /** Where, from 1. */
  readonly column: number;
  constructor(text: string, column: number, problem: string) {
    super(`constraint, column ${column}: ${problem}\n  ${text}\n  ${' '.repeat(column - 1)}^`);
    this.subject = text;
    this.column = column;
  }
}

/** A sampler that cannot work on this space or these objectives. */
export class SamplerError extends Error {
  readonly code = 'SAMPLER_UNFIT';
  readonly usage = true;
  readonly sampler: string;
  constructor(sampler: string, problem: string) {
    super(`sampler ${sampler}: ${problem}`);
    this.sampler = sampler;
  }
}
