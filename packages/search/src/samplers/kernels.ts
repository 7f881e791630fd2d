import type { RandomStream } from '@atelier/data';
import type { Axis } from './axis.ts';
import { uniform53 } from './draw.ts';
import { type KernelSettings, type Observations, kernelWidths } from './kernel-widths.ts';
import { CERTAIN, gaussian, normalMass } from './normal.ts';

const LOG_SQRT_2PI = 0.9189385332046728;

/** The kernels of one axis: one per observation, and the prior's as the last. */
export interface Kernels {
  readonly axis: Axis;
  /** Middle of each, as a model number; for a choice the index, -1 for the prior. */
  readonly centre: Float64Array;
  /** Standard deviation of each; for a choice the weight that every value gets, beside 1 for its own. */
  readonly width: Float64Array;
  /** Log of what a kernel is divided by: its mass within the range and, for a density, width and sqrt(2 pi). */
  readonly logNorm: Float64Array;
  /** On stepped and choice axes observations repeat: kernel j is equal to kernel `first[alike[j]]`. */
  readonly alike: Int32Array | undefined;
  readonly first: readonly number[];
}

export function kernelsOf(observations: Observations, axes: number, settings: KernelSettings): Kernels {
  return observations.axis.choices > 0
    ? choiceKernels(observations, settings.priorWeight)
    : numberKernels(observations, axes, settings);
}

function numberKernels(observations: Observations, axes: number, settings: KernelSettings): Kernels {
  const { axis, values } = observations;
  const n = values.length;
  const centre = new Float64Array(n + 1);
  const width = new Float64Array(n + 1);
  const logNorm = new Float64Array(n + 1);
  centre.set(values);
  kernelWidths(observations, axes, settings, width);
  centre[n] = (axis.low + axis.high) / 2;
  width[n] = axis.high - axis.low;
  if (axis.stepped) {
    const { alike, first } = alikeIn(observations.sorted, centre, width);
    const logs = first.map((j) => logNormOf(axis, centre[j]!, width[j]!));
    for (let j = 0; j <= n; j++) logNorm[j] = logs[alike[j]!]!;
    return { axis, centre, width, logNorm, alike, first };
  }
  const { low, high } = axis;
  let lastWidth = NaN;
  let lastLog = NaN;
  for (let j = 0; j <= n; j++) {
    const w = width[j]!;
    const clear = CERTAIN * w;
    if (!(centre[j]! - low > clear && high - centre[j]! > clear)) {
      logNorm[j] = logNormOf(axis, centre[j]!, w);
      continue;
    }
    // most kernels far from the ends are as wide as the magic clip lets them
    if (w !== lastWidth) {
      lastWidth = w;
      lastLog = logNormOf(axis, centre[j]!, w);
    }
    logNorm[j] = lastLog;
  }
  return { axis, centre, width, logNorm, alike: undefined, first: [] };
}

/** Log of a normal kernel's mass within the range and, for a density, of its width and sqrt(2 pi). */
function logNormOf({ low, high, stepped }: Axis, centre: number, width: number): number {
  const mass = normalMass(-(centre - low) / width, (high - centre) / width);
  return stepped ? Math.log(mass) : Math.log(mass * width) + LOG_SQRT_2PI;
}

/** Numbers the different pairs of centre and width; the prior last. */
function alikeIn(
  sorted: Int32Array,
  centre: Float64Array,
  width: Float64Array,
): { alike: Int32Array; first: number[] } {
  const alike = new Int32Array(centre.length);
  const first: number[] = [];
  let from = 0;
  for (let i = 0; i < sorted.length; i++) {
    const j = sorted[i]!;
    // equal centres are neighbours in the order
    if (i > 0 && centre[sorted[i - 1]!] !== centre[j]) from = first.length;
    let group = from;
    while (group < first.length && width[first[group]!] !== width[j]) group++;
    if (group === first.length) first.push(j);
    alike[j] = group;
  }
  alike[centre.length - 1] = first.push(centre.length - 1) - 1;
  return { alike, first };
}

function choiceKernels({ axis, values }: Observations, priorWeight: number): Kernels {
  const n = values.length;
  const centre = new Float64Array(n + 1);
  centre.set(values);
  centre[n] = -1;
  const share = n === 0 ? 1 : priorWeight / (n + 1);
  const logNorm = new Float64Array(n + 1).fill(Math.log(1 + share * axis.choices));
  logNorm[n] = Math.log(share * axis.choices);
  const first: number[] = [];
  // the prior's group stands behind those of the choices
  const groupOf = new Int32Array(axis.choices + 1).fill(-1);
  const alike = new Int32Array(n + 1);
  for (let j = 0; j <= n; j++) {
    const value = j === n ? axis.choices : centre[j]!;
    if (groupOf[value]! < 0) groupOf[value] = first.push(j) - 1;
    alike[j] = groupOf[value]!;
  }
  return { axis, centre, width: new Float64Array(n + 1).fill(share), logNorm, alike, first };
}

/** The kernels with those that are alike taken together; with the weights of each group. */
export function merged(kernels: Kernels, weights: Float64Array): { kernels: Kernels; weights: Float64Array } {
  const { alike, first } = kernels;
  if (alike === undefined || first.length === weights.length) return { kernels, weights };
  const sums = new Float64Array(first.length);
  for (let j = 0; j < weights.length; j++) sums[alike[j]!]! += weights[j]!;
  const picked = (column: Float64Array): Float64Array => Float64Array.from(first, (j) => column[j]!);
  return {
    weights: sums,
    kernels: {
      axis: kernels.axis,
      centre: picked(kernels.centre),
      width: picked(kernels.width),
      logNorm: picked(kernels.logNorm),
      alike: Int32Array.from(first.keys()),
      first: [...first.keys()],
    },
  };
}

/** A number from kernel j, snapped to the values that the parameter has. */
export function sampleKernel({ axis, centre, width }: Kernels, j: number, stream: RandomStream): number {
  const uniform = (): number => uniform53(stream);
  if (axis.choices > 0) {
    const own = centre[j] === -1 ? 0 : 1;
    // a mixture: its own choice with weight 1, any choice with the weight of all shares
    if (uniform() * (own + width[j]! * axis.choices) < own) return centre[j]!;
    return Math.floor(uniform() * axis.choices);
  }
  // at least a third of a kernel lies in the range: its centre does, and it is no wider than the range
  for (;;) {
    const x = centre[j]! + width[j]! * gaussian(uniform);
    if (x >= axis.low && x <= axis.high) return axis.stepped ? axis.toModel(axis.toValue(x)) : x;
  }
}

/** Adds the log density (log mass on stepped axes) at `x` of kernels `from .. to - 1`, but for their norms, to `terms`. */
export function addLogKernels(
  { axis, centre, width, alike, first }: Kernels,
  x: number,
  terms: Float64Array,
  from: number,
  to: number,
): void {
  if (alike === undefined) {
    for (let j = from; j < to; j++) {
      const z = (x - centre[j]!) / width[j]!;
      terms[j]! -= 0.5 * z * z;
    }
    return;
  }
  const [left, right] = axis.cell(x);
  const log = (j: number): number => {
    const [c, w] = [centre[j]!, width[j]!];
    if (axis.choices > 0) return Math.log(c === x ? 1 + w : w);
    return Math.log(normalMass((left - c) / w, (right - c) / w));
  };
  if (to - from < first.length) {
    for (let j = from; j < to; j++) terms[j]! += log(j);
    return;
  }
  const logs = Float64Array.from(first, log);
  for (let j = from; j < to; j++) terms[j]! += logs[alike[j]!]!;
}
