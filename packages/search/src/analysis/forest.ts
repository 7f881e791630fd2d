import { type RandomStream } from '@atelier/data';

/** A column of numbers, or of the indices of a choice. */
export interface Feature {
  readonly isChoice: boolean;
  readonly low: number;
  readonly high: number;
  readonly values: Float64Array;
}

/** What a leaf says of its box: bounds per feature; for a choice the values that lead there. */
export interface Leaf {
  readonly value: number;
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  readonly allowed: readonly (Uint8Array | undefined)[];
}

interface Split {
  readonly feature: number;
  /** Numbers: up to and with this go left. Choices: this one goes left. */
  readonly at: number;
  readonly score: number;
}

/** Best split by the sum of squares left over: the largest of sumL^2 / nL + sumR^2 / nR. */
function bestNumberSplit(
  rows: Uint32Array,
  { values }: Feature,
  feature: number,
  target: Float64Array,
): Split | undefined {
  const sorted = rows.slice().sort((a, b) => values[a]! - values[b]!);
  const whole = sorted.reduce((sum, row) => sum + target[row]!, 0);
  let best: Split | undefined;
  let left = 0;
  for (let i = 0; i + 1 < sorted.length; i++) {
    left += target[sorted[i]!]!;
    const [here, next] = [values[sorted[i]!]!, values[sorted[i + 1]!]!];
    if (here === next) continue;
    const score = left ** 2 / (i + 1) + (whole - left) ** 2 / (sorted.length - i - 1);
    if (!best || score > best.score) best = { feature, at: (here + next) / 2, score };
  }
  return best;
}

function bestChoiceSplit(
  rows: Uint32Array,
  { values, high }: Feature,
  feature: number,
  target: Float64Array,
): Split | undefined {
  const sums = new Float64Array(high + 1);
  const counts = new Float64Array(high + 1);
  let whole = 0;
  for (const row of rows) {
    sums[values[row]!]! += target[row]!;
    counts[values[row]!]! += 1;
    whole += target[row]!;
  }
  let best: Split | undefined;
  for (let value = 0; value <= high; value++) {
    const [sum, count] = [sums[value]!, counts[value]!];
    if (count === 0 || count === rows.length) continue;
    const score = sum ** 2 / count + (whole - sum) ** 2 / (rows.length - count);
    if (!best || score > best.score) best = { feature, at: value, score };
  }
  return best;
}

function isPure(rows: Uint32Array, target: Float64Array): boolean {
  return rows.every((row) => target[row] === target[rows[0]!]);
}

function divide(leaf: Leaf, features: readonly Feature[], { feature, at }: Split): [Leaf, Leaf] {
  if (!features[feature]!.isChoice) {
    return [
      { ...leaf, highs: leaf.highs.with(feature, at) },
      { ...leaf, lows: leaf.lows.with(feature, at) },
    ];
  }
  const allowed = leaf.allowed[feature]!;
  const only = new Uint8Array(allowed.length);
  only[at] = allowed[at]!;
  const others = allowed.slice();
  others[at] = 0;
  const withAllowed = (values: Uint8Array): Leaf => ({
    ...leaf,
    allowed: leaf.allowed.with(feature, values),
  });
  return [withAllowed(only), withAllowed(others)];
}

function root(features: readonly Feature[]): Leaf {
  return {
    value: 0,
    lows: Float64Array.from(features, ({ low }) => low),
    highs: Float64Array.from(features, ({ high }) => high),
    allowed: features.map(({ isChoice, high }) => (isChoice ? new Uint8Array(high + 1).fill(1) : undefined)),
  };
}

/** Grows one regression tree (CART, Breiman et al. 1984) until every leaf is pure or cannot be divided; its leaves. */
export function growTree(features: readonly Feature[], target: Float64Array, rows: Uint32Array): Leaf[] {
  const leaves: Leaf[] = [];
  const open: { leaf: Leaf; rows: Uint32Array }[] = [{ leaf: root(features), rows }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { leaf, rows: here } = next;
    const split = isPure(here, target) ? undefined : bestSplit(here, features, target);
    if (!split) {
      leaves.push({ ...leaf, value: here.reduce((sum, row) => sum + target[row]!, 0) / here.length });
      continue;
    }
    const { values, isChoice } = features[split.feature]!;
    const goesLeft = (row: number): boolean =>
      isChoice ? values[row] === split.at : values[row]! <= split.at;
    const [left, right] = divide(leaf, features, split);
    open.push(
      { leaf: left, rows: here.filter(goesLeft) },
      { leaf: right, rows: here.filter((row) => !goesLeft(row)) },
    );
  }
  return leaves;
}

function bestSplit(rows: Uint32Array, features: readonly Feature[], target: Float64Array): Split | undefined {
  let best: Split | undefined;
  features.forEach((column, feature) => {
    const split = (column.isChoice ? bestChoiceSplit : bestNumberSplit)(rows, column, feature, target);
    if (split && (!best || split.score > best.score)) best = split;
  });
  return best;
}

/** A random forest (Breiman 2001) with all features at every split; each tree grows on a bootstrap sample of the rows. */
export function* growForest(
  features: readonly Feature[],
  target: Float64Array,
  { trees, rows, stream }: { trees: number; rows: number; stream: RandomStream },
): Iterable<Leaf[]> {
  for (let tree = 0; tree < trees; tree++) {
    yield growTree(
      features,
      target,
      Uint32Array.from({ length: rows }, () => stream.below(target.length)),
    );
  }
}
