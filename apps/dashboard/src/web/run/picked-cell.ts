import { param } from '../shell/url.ts';
import type { Cell } from './matrix.tsx';

export interface Picked {
  /** The cell whose images are shown; null: none. */
  readonly cell: Cell | null;
  /** What is wrong with the address, in words. */
  readonly mistake?: string;
}

/** The cell of `?cell=6-0`: row and column by class number. */
export function pickedCell(classNames: readonly string[]): Picked {
  const match = /^(\d+)-(\d+)$/.exec(param('cell', ''));
  if (match === null) return { cell: null };
  const numbers = [Number(match[1]), Number(match[2])] as const;
  const unknown = numbers.find((of) => of >= classNames.length);
  if (unknown === undefined) return { cell: { true: numbers[0], predicted: numbers[1] } };
  return { cell: null, mistake: `There is no class ${unknown}: they go from 0 to ${classNames.length - 1}.` };
}
