import { oneOf, whole, type Random } from './random.ts';

/** One call of a native operation: its numbers, and how many bytes each operand has; 0 stands for a missing one. */
export interface Call {
  readonly name: string;
  readonly numbers: readonly number[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Which operands have to hold bf16. */
  readonly half?: 'inputs' | 'outputs';
}

/** Makes right calls of an operation. */
export type Family = (random: Random, name: string) => Omit<Call, 'name'>;

export const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
export const listed = (list: readonly number[]): number[] => [list.length, ...list];
export const flag = (random: Random): number => whole(random, 0, 1);

export function shapeOf(random: Random, most = 4): number[] {
  return Array.from({ length: whole(random, 0, most) }, () => oneOf(random, [0, 1, 1, 2, 3, 5, 8, 17]));
}
