import { randomStream } from '@atelier/data';
import { type Feature, growForest, type Leaf } from './forest.ts';

/** Lengths of the leaf along each feature, as shares of the whole range. */
function sharesOf(leaf: Leaf, features: readonly Feature[]): number[] {
  return features.map(({ isChoice, low, high }, feature) => {
    if (!isChoice) return (leaf.highs[feature]! - leaf.lows[feature]!) / (high - low);
    const allowed = leaf.allowed[feature]!;
    return allowed.reduce((sum, value) => sum + value, 0) / allowed.length;
  });
}

interface WeighedLeaf {
  readonly leaf: Leaf;
  readonly shares: readonly number[];
  readonly volume: number;
}

function variance(values: readonly number[], weights: readonly number[]): number {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = values.reduce((sum, value, i) => sum + value * weights[i]!, 0) / whole;
  return values.reduce((sum, value, i) => sum + (value - mean) ** 2 * weights[i]!, 0) / whole;
}

/** Mean of the tree for each value of a choice, over all other features. */
function choiceMarginal(leaves: readonly WeighedLeaf[], feature: number, choices: number): number[] {
  const means = new Array<number>(choices).fill(0);
  for (const { leaf, shares, volume } of leaves) {
    if (volume === 0) continue;
    leaf.allowed[feature]!.forEach((allowed, value) => {
      if (allowed) means[value]! += (leaf.value * volume) / shares[feature]!;
    });
  }
  return means;
}

/** Variance of the tree's mean along one feature, all others averaged out. */
function marginalVariance(leaves: readonly WeighedLeaf[], feature: number, column: Feature): number {
  if (column.isChoice) {
    const means = choiceMarginal(leaves, feature, column.high + 1);
    return variance(
      means,
      means.map(() => 1),
    );
  }
  const edges = [...new Set(leaves.flatMap(({ leaf }) => [leaf.lows[feature]!, leaf.highs[feature]!]))].sort(
    (a, b) => a - b,
  );
  const placeOf = new Map(edges.map((edge, place) => [edge, place]));
  // a leaf adds its value from its lower edge on and takes it away from its upper one
  const steps = new Float64Array(edges.length);
  for (const { leaf, shares, volume } of leaves) {
    if (volume === 0) continue;
    const part = (leaf.value * volume) / shares[feature]!;
    steps[placeOf.get(leaf.lows[feature]!)!]! += part;
    steps[placeOf.get(leaf.highs[feature]!)!]! -= part;
  }
  let mean = 0;
  const means = edges.slice(0, -1).map((_, place) => (mean += steps[place]!));
  return variance(
    means,
    means.map((_, place) => edges[place + 1]! - edges[place]!),
  );
}

export interface FanovaSettings {
  readonly trees: number;
  /** Rows drawn for each tree at most, which bounds the time on long sweeps. */
  readonly mostRows: number;
  readonly seed: number;
}

/**
 * Functional ANOVA over a random forest: the share of the forest's variance over the space that each feature explains by
 * itself, averaged over trees. Hutter, Hoos and Leyton-Brown, "An Efficient Approach for Assessing Hyperparameter
 * Importance" (ICML 2014). Shares of single features need not sum to 1: the rest is interaction.
 * @returns undefined where no tree found any variance.
 */
export function fanova(
  features: readonly Feature[],
  target: Float64Array,
  settings: FanovaSettings,
): number[] | undefined {
  const stream = randomStream(settings.seed, 'fanova');
  const rows = Math.min(target.length, settings.mostRows);
  const sums = features.map(() => 0);
  const most = target.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0);
  const rounding = (rows * Number.EPSILON * most) ** 2;
  let counted = 0;
  for (const leaves of growForest(features, target, { trees: settings.trees, rows, stream })) {
    const weighed = leaves.map((leaf) => {
      const shares = sharesOf(leaf, features);
      return { leaf, shares, volume: shares.reduce((product, share) => product * share, 1) };
    });
    const whole = variance(
      weighed.map(({ leaf }) => leaf.value),
      weighed.map(({ volume }) => volume),
    );
    // leaves that differ by the rounding of their means alone are equal
    if (!(whole > rounding)) continue;
    counted += 1;
    features.forEach((column, feature) => {
      sums[feature]! += marginalVariance(weighed, feature, column) / whole;
    });
  }
  return counted === 0 ? undefined : sums.map((sum) => sum / counted);
}
