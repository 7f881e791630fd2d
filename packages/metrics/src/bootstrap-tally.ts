import type { Groups } from './bootstrap-groups.ts';
import type { RunTally } from './run-tally.ts';

/** What a replicate says of both runs. */
export interface Pair {
  readonly a: RunTally;
  readonly b: RunTally;
}

/** Numbers that {@link sumGroups} leaves per group: confidence in A of both replicates, in B of both, how many in each. */
const SUMS = 6;

/**
 * Tallies two replicates at once, which halves the reading of values; `weights` say how often each sample is in them.
 * The order of every addition is part of the result: evidence once stored must come out again to the last bit.
 */
export type Tallier = (weights: readonly [Uint8Array, Uint8Array], one: Pair, two: Pair) => void;

export function tallier(groups: Groups): Tallier {
  const sums = new Float64Array(groups.ends.length * SUMS);
  return ([first, second], one, two) => {
    for (const tally of [one.a, one.b, two.a, two.b]) tally.clear();
    if (groups.values.length === 0) {
      countGroups(groups, first, second, sums);
    } else {
      sumGroups(groups, first, second, sums, [one, two]);
      addGaps(groups, sums, one, two);
    }
    addCells(groups, sums, one, two);
  };
}

/** How often samples of each group came up. */
function countGroups({ ends }: Groups, first: Uint8Array, second: Uint8Array, sums: Float64Array): void {
  let i = 0;
  for (let g = 0; g < ends.length; g++) {
    let [count1, count2] = [0, 0];
    for (; i < ends[g]!; i++) {
      count1 += first[i]!;
      count2 += second[i]!;
    }
    sums[g * SUMS + 4] = count1;
    sums[g * SUMS + 5] = count2;
  }
}

/** The inner loop of a bootstrap: it reads 10,000 samples a thousand times, so everything it adds to is a local. */
function sumGroups(
  { ends, values }: Groups,
  first: Uint8Array,
  second: Uint8Array,
  sums: Float64Array,
  [one, two]: readonly [Pair, Pair],
): void {
  let i = 0;
  let lossA1 = 0;
  let lossB1 = 0;
  let lossA2 = 0;
  let lossB2 = 0;
  for (let g = 0; g < ends.length; g++) {
    const end = ends[g]!;
    let count1 = 0;
    let count2 = 0;
    let sureA1 = 0;
    let sureB1 = 0;
    let sureA2 = 0;
    let sureB2 = 0;
    for (; i < end; i++) {
      const x = first[i]!;
      const y = second[i]!;
      const at = i << 2;
      const lossA = values[at]!;
      const lossB = values[at + 1]!;
      const sureA = values[at + 2]!;
      const sureB = values[at + 3]!;
      count1 += x;
      count2 += y;
      lossA1 += x * lossA;
      lossA2 += y * lossA;
      lossB1 += x * lossB;
      lossB2 += y * lossB;
      sureA1 += x * sureA;
      sureA2 += y * sureA;
      sureB1 += x * sureB;
      sureB2 += y * sureB;
    }
    const to = g * SUMS;
    sums[to] = sureA1;
    sums[to + 1] = sureA2;
    sums[to + 2] = sureB1;
    sums[to + 3] = sureB2;
    sums[to + 4] = count1;
    sums[to + 5] = count2;
  }
  one.a.loss = lossA1;
  one.b.loss = lossB1;
  two.a.loss = lossA2;
  two.b.loss = lossB2;
}

/** Confidence minus number right, into each group's confidence bin. */
function addGaps({ ends, binsA, binsB, rightA, rightB }: Groups, sums: Float64Array, one: Pair, two: Pair) {
  const gapsA1 = one.a.gaps;
  const gapsB1 = one.b.gaps;
  const gapsA2 = two.a.gaps;
  const gapsB2 = two.b.gaps;
  for (let g = 0; g < ends.length; g++) {
    const from = g * SUMS;
    const count1 = sums[from + 4]!;
    const count2 = sums[from + 5]!;
    const binA = binsA[g]!;
    const binB = binsB[g]!;
    const hitA = rightA[g]!;
    const hitB = rightB[g]!;
    gapsA1[binA]! += sums[from]! - hitA * count1;
    gapsA2[binA]! += sums[from + 1]! - hitA * count2;
    gapsB1[binB]! += sums[from + 2]! - hitB * count1;
    gapsB2[binB]! += sums[from + 3]! - hitB * count2;
  }
}

/** Groups of one label and the same two answers count together. */
function addCells(
  { ends, lastOfCell, labels, answersA, answersB }: Groups,
  sums: Float64Array,
  one: Pair,
  two: Pair,
) {
  let inCell1 = 0;
  let inCell2 = 0;
  for (let g = 0; g < ends.length; g++) {
    inCell1 += sums[g * SUMS + 4]!;
    inCell2 += sums[g * SUMS + 5]!;
    if (lastOfCell[g] === 0) continue;
    one.a.addAnswers(labels[g]!, answersA[g]!, inCell1);
    one.b.addAnswers(labels[g]!, answersB[g]!, inCell1);
    two.a.addAnswers(labels[g]!, answersA[g]!, inCell2);
    two.b.addAnswers(labels[g]!, answersB[g]!, inCell2);
    inCell1 = 0;
    inCell2 = 0;
  }
}
