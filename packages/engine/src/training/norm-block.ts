import * as tf from '@tensorflow/tfjs-core';
import { differentiable } from './differentiable.ts';
import { normalizeBatch, type TrainedNorm } from './batch-norm.ts';
import { NORM_BLOCK, NORM_BLOCK_GRAD, type NormBlockAttrs, type NormBlockPool } from './kernels.ts';
import { isNative, runNative } from './native.ts';

/** What `normBlock` works on; see `NormBlock` in kernels.ts for the formulas. */
export interface NormBlockArgs {
  /** [.., channels], rank 2 and up; [n, height, width, channels] with `pool`. */
  readonly x: tf.Tensor;
  /** Each [channels]; absent ones are 0, 1 and 0. */
  readonly bias?: tf.Tensor1D | undefined;
  readonly scale?: tf.Tensor1D | undefined;
  readonly offset?: tf.Tensor1D | undefined;
  readonly epsilon: number;
  /** ReLU between the bias and the normalisation. */
  readonly reluBefore?: boolean;
  /** ReLU after the normalisation. */
  readonly reluAfter?: boolean;
  /** Max pooling at the end. */
  readonly pool?: NormBlockPool | null;
}

/**
 * Bias, ReLU, batch normalisation in training mode, ReLU and max pooling as one operation, each but the normalisation
 * optional. The gradient reaches x, bias, scale and offset, through the batch statistics too; none flows through the
 * mean and the variance that come back. One kernel each way where the engine has it, else composed.
 */
export function normBlock(args: NormBlockArgs): TrainedNorm {
  checkShapes(args);
  return isNative(NORM_BLOCK) ? native(args) : composedNormBlock(args);
}

/** Whether the active engine computes `normBlock` in one kernel: then bias and ReLU before it cost no pass of their own. */
export function isNormBlockNative(): boolean {
  return isNative(NORM_BLOCK);
}

/** Batch normalisation of a training step over all axes but the last. x: rank >= 2; gamma, beta: [channels]. */
export function batchNormTraining(
  x: tf.Tensor,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
): TrainedNorm {
  return normBlock({ x, scale: gamma, offset: beta, epsilon });
}

function checkShapes({ x, pool, ...rest }: NormBlockArgs): void {
  tf.util.assert(x.rank >= 2, () => `normBlock: x must be of rank 2 or more, got rank ${x.rank}.`);
  tf.util.assert(!pool || x.rank === 4, () => `normBlock: pooling needs x of rank 4, got rank ${x.rank}.`);
  const channels = x.shape.at(-1)!;
  for (const name of ['bias', 'scale', 'offset'] as const) {
    const shape = rest[name]?.shape ?? [channels];
    tf.util.assert(
      shape.length === 1 && shape[0] === channels,
      () => `normBlock: ${name} must be of shape [${channels}], got [${shape}].`,
    );
  }
}

function attrsOf({ epsilon, reluBefore, reluAfter, pool }: NormBlockArgs): NormBlockAttrs {
  return { epsilon, reluBefore: reluBefore ?? false, reluAfter: reluAfter ?? false, pool: pool ?? null };
}

const OPTIONAL = ['bias', 'scale', 'offset'] as const;

function native(args: NormBlockArgs): TrainedNorm {
  const attrs = attrsOf(args);
  const present = OPTIONAL.filter((name) => args[name] !== undefined);
  const inputs = Object.fromEntries(['x' as const, ...present].map((name) => [name, args[name]!]));
  // run before its gradient is recorded: the statistics come back without one
  const [y, mean, variance, spare] = runNative<[tf.Tensor, tf.Tensor1D, tf.Tensor1D, tf.Tensor]>(
    NORM_BLOCK,
    inputs,
    attrs,
  );
  const withGradient = differentiable({
    inputs,
    forward(save) {
      save([...Object.values(inputs), mean, variance, y, spare]);
      return y.clone();
    },
    gradients(dy, saved) {
      const names = [...Object.keys(inputs), 'mean', 'variance', 'y', 'saved'];
      const kept = Object.fromEntries(names.map((name, i) => [name, saved[i]!]));
      const [dx, ...others] = runNative<tf.Tensor[]>(NORM_BLOCK_GRAD, { dy, ...kept }, attrs);
      const optional = present.map((name) => [name, () => others[OPTIONAL.indexOf(name)]!]);
      return { x: () => dx!, ...Object.fromEntries(optional) };
    },
  });
  return { y: withGradient, mean, variance };
}

/** The same, of TensorFlow.js ops and the engine's batch normalisation. */
export function composedNormBlock(args: NormBlockArgs): TrainedNorm {
  const { x, bias, reluBefore, reluAfter, pool, epsilon } = args;
  const channels: [number] = [x.shape.at(-1)!];
  const shifted = bias ? tf.add(x, bias) : x;
  const { y, mean, variance } = normalizeBatch(
    reluBefore ? tf.relu(shifted) : shifted,
    args.scale ?? tf.ones(channels),
    args.offset ?? tf.zeros(channels),
    epsilon,
  );
  const active = reluAfter ? tf.relu(y) : y;
  const pooled = pool
    ? tf.maxPool(active as tf.Tensor4D, [...pool.filterSize], [...pool.strides], pool.pad)
    : active;
  return { y: pooled, mean, variance };
}
