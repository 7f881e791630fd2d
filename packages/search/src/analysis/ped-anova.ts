import { normalCdf } from '@atelier/metrics';
import type { ParameterSpec } from '../space.ts';
import { type Axis, axisOf, coordinate, fraction } from './scale.ts';
import type { Scored } from './trials.ts';

/** Cells that a range is divided into at most. */
const GRID = 50;
const PRIOR_WEIGHT = 1;
/** 1.64 standard deviations, 90 %, of the narrowest kernel fit into its own cell. */
const NARROWEST = 0.5 / 1.64;

function gridSizeOf(spec: ParameterSpec): number {
  if (spec.kind === 'choice') return spec.values.length;
  if (spec.kind === 'int' && spec.log) {
    return Math.min(Math.ceil(Math.log2(spec.high - spec.low + 1)) + 1, GRID);
  }
  if (spec.step === undefined) return GRID;
  return Math.min(Math.round((spec.high - spec.low) / spec.step) + 1, GRID);
}

/** Trials per cell of the axis; on the border of two cells the lower one. */
function countCells(scored: readonly Scored[], axis: Axis, size: number): number[] {
  const counts = new Array<number>(size).fill(0);
  for (const { trial } of scored) {
    const value = coordinate(axis, trial.parameters)!;
    const cell = axis.choices ? value : Math.ceil(fraction(axis, value) * (size - 1) - 0.5);
    counts[Math.min(size - 1, Math.max(0, cell))]! += 1;
  }
  return counts;
}

interface Kernel {
  readonly place: number;
  readonly weight: number;
}

/** Interquartile range of the weighted cells, as a step function. */
function interquartile(kernels: readonly Kernel[], total: number): number {
  let below = 0;
  const sums = kernels.map(({ weight }) => (below += weight));
  const first = sums.findIndex((sum) => sum >= Math.floor(total / 4));
  const past = sums.findIndex((sum) => sum > Math.floor((total * 3) / 4));
  const last = past < 0 ? kernels.length - 1 : past;
  return kernels[last]!.place - kernels[first]!.place;
}

/** Scott's rule (1992), robust against long tails by the interquartile range. */
function bandwidth(kernels: readonly Kernel[]): number {
  const total = kernels.reduce((sum, { weight }) => sum + weight, 0);
  const mean = kernels.reduce((sum, { place, weight }) => sum + place * weight, 0) / total;
  const squares = kernels.reduce((sum, { place, weight }) => sum + (place - mean) ** 2 * weight, 0);
  const deviation = Math.sqrt(squares / Math.max(1, total - 1));
  return Math.max(
    NARROWEST,
    1.059 * Math.min(interquartile(kernels, total) / 1.34, deviation) * total ** -0.2,
  );
}

/** Mass of a normal kernel in each cell, within the grid. */
function addNormal(density: Float64Array, centre: number, deviation: number, weight: number): void {
  const below = (edge: number): number => normalCdf((edge - 0.5 - centre) / deviation);
  const inside = below(density.length) - below(0);
  for (let cell = 0; cell < density.length; cell++) {
    density[cell]! += (weight * (below(cell + 1) - below(cell))) / inside;
  }
}

function addChoice(density: Float64Array, chosen: number, weight: number, kernels: number): void {
  const prior = PRIOR_WEIGHT / kernels;
  const whole = 1 + prior * density.length;
  density.forEach((_, cell) => {
    density[cell]! += (weight * (prior + (cell === chosen ? 1 : 0))) / whole;
  });
}

/** Parzen density over the cells, one kernel per cell seen and a flat prior. */
function densityOf(counts: readonly number[], isChoice: boolean): Float64Array {
  const density = new Float64Array(counts.length);
  const kernels = counts.map((weight, place) => ({ place, weight })).filter(({ weight }) => weight > 0);
  const total = kernels.reduce((sum, { weight }) => sum + weight, 0) + PRIOR_WEIGHT;
  if (isChoice) {
    for (const { place, weight } of kernels) addChoice(density, place, weight / total, kernels.length + 1);
    return density.map((mass) => mass + PRIOR_WEIGHT / total / counts.length);
  }
  const deviation = bandwidth(kernels);
  for (const { place, weight } of kernels) addNormal(density, place, deviation, weight / total);
  addNormal(density, (counts.length - 1) / 2, counts.length, PRIOR_WEIGHT / total);
  return density;
}

/** Pearson's divergence of the top trials' density from all trials'. */
function divergence(top: readonly Scored[], all: readonly Scored[], axis: Axis, size: number): number {
  const isChoice = axis.scale === 'choice';
  const topDensity = densityOf(countCells(top, axis, size), isChoice);
  const allDensity = densityOf(countCells(all, axis, size), isChoice);
  return allDensity.reduce((sum, mass, cell) => {
    const base = mass + 1e-12;
    return sum + base * ((topDensity[cell]! + 1e-12) / base - 1) ** 2;
  }, 0);
}

/** Trials with a loss within the best `quantile`; ties at the border all count. */
export function topTrials(losses: readonly number[], quantile: number): boolean[] {
  const sorted = Float64Array.from(losses).sort();
  const border = sorted[Math.ceil(quantile * losses.length) - 1]!;
  return losses.map((value) => value <= border);
}

/**
 * PED-ANOVA of one parameter: how far its distribution among the top trials is from its distribution among all, which is
 * the variance that it explains of "is a top trial". Watanabe, Bansal and Hutter, "PED-ANOVA" (IJCAI 2023,
 * arXiv:2304.10255); a parameter that is not always active is weighed by how often it is, as in the conditional form
 * (arXiv:2601.20800). Grid, kernels and bandwidth as Optuna's PedAnovaImportanceEvaluator.
 * @param isTop which of `all` are top trials.
 */
export function pedAnova(
  path: string,
  spec: ParameterSpec,
  all: readonly Scored[],
  isTop: readonly boolean[],
): number {
  const axis = axisOf(path, spec);
  const size = gridSizeOf(spec);
  const top = all.filter((_, index) => isTop[index]);
  const isActive = ({ trial }: Scored): boolean => coordinate(axis, trial.parameters) !== undefined;
  const [activeTop, activeAll] = [top.filter(isActive), all.filter(isActive)];
  if (size < 2 || axis.low === axis.high || activeAll.length < 2 || activeTop.length === 0) return 0;
  const topShare = activeTop.length / top.length;
  const allShare = activeAll.length / all.length;
  const quantile = top.length / all.length;
  return (topShare ** 2 / allShare) * divergence(activeTop, activeAll, axis, size) * quantile ** 2;
}
