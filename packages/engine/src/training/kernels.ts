/**
 * The kernels of the fused training ops: their names, inputs, attributes and outputs. A backend that registers one of
 * these under its name does it natively; the ops of this folder compose the others.
 *
 * Shapes: C is the size of the last axis (channels), n the number of samples, c of classes. Tensors are float32 unless
 * it says otherwise. "dummy" is a scalar float32 whose value means nothing: an update in place has no other output.
 */
import type * as tf from '@tensorflow/tfjs-core';

export const NORM_BLOCK = 'NormBlock';
export const NORM_BLOCK_GRAD = 'NormBlockGrad';
export const SEEDED_DROPOUT = 'SeededDropout';
export const SOFTMAX_CROSS_ENTROPY = 'SoftmaxCrossEntropy';
export const SOFTMAX_CROSS_ENTROPY_GRAD = 'SoftmaxCrossEntropyGrad';
export const OPTIMIZER_UPDATE = 'OptimizerUpdate';
/** dx = x > 0 ? dy : 0. Inputs { x, dy } of one shape; x may be the output of the ReLU as well as its input. */
export const RELU_GRADIENT = 'ReluGradient';

/**
 * Inputs { x [.., C], scale? [C], offset? [C] }, attribute epsilon. With mean and (biased) variance over the last axis:
 * y = (x - mean) / sqrt(variance + epsilon) * scale + offset. Outputs [y, mean, inverse], the last two [x.size / C].
 */
export const LAYER_NORM = 'LayerNorm';
/** Inputs { dy, x, scale?, mean, inverse } of `LayerNorm`. Outputs [dx, dscale [C], doffset [C]]. */
export const LAYER_NORM_GRAD = 'LayerNormGrad';
/** A smooth activation; see `SmoothActivation`. Input { x }, attribute kind. */
export const SMOOTH_ACTIVATION = 'SmoothActivation';
/** Inputs { x, dy } of one shape, attribute kind. Output dx. */
export const SMOOTH_ACTIVATION_GRAD = 'SmoothActivationGrad';
/** dx = (dy - sum(dy y)) y over the last axis. Inputs { y, dy }, y = softmax(x). */
export const SOFTMAX_GRAD = 'SoftmaxGrad';

/** x sigmoid(x); x Phi(x), Phi the normal distribution (not its approximation by tanh); x clip(x + 3, 0, 6) / 6. */
export type SmoothActivation = 'silu' | 'gelu' | 'hardSwish';

/** Every kernel name of this file. */
export const TRAINING_KERNELS = [
  NORM_BLOCK,
  NORM_BLOCK_GRAD,
  SEEDED_DROPOUT,
  SOFTMAX_CROSS_ENTROPY,
  SOFTMAX_CROSS_ENTROPY_GRAD,
  OPTIMIZER_UPDATE,
  RELU_GRADIENT,
  LAYER_NORM,
  LAYER_NORM_GRAD,
  SMOOTH_ACTIVATION,
  SMOOTH_ACTIVATION_GRAD,
  SOFTMAX_GRAD,
] as const;

/** Max pooling at the end of a block; windows beyond the edge (`same`) see only what is there. */
export interface NormBlockPool {
  /** Height, width. */
  readonly filterSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pad: 'valid' | 'same';
}

/**
 * `NormBlock`: what stands between two convolutions.
 *
 *   u = x + bias                              (bias absent: u = x)
 *   v = reluBefore ? max(u, 0) : u
 *   mean, variance = of v per channel over all other axes, the variance biased (divided by the count)
 *   w = (v - mean) / sqrt(variance + epsilon) * scale + offset    (absent: scale 1, offset 0)
 *   z = reluAfter ? max(w, 0) : w
 *   y = pool ? maxPool(z) : z
 *
 * Outputs [y, mean [C], variance [C], saved]. `saved` is any tensor private to the backend, handed to the gradient.
 */
export interface NormBlockInputs extends tf.NamedTensorInfoMap {
  /** [.., C], rank 2 and up; rank 4 with `pool`. */
  readonly x: tf.TensorInfo;
}
/** Beside x, each [C] and each may be absent: bias, scale, offset. */
export type NormBlockOptionalInput = 'bias' | 'scale' | 'offset';

export interface NormBlockAttrs {
  readonly epsilon: number;
  readonly reluBefore: boolean;
  readonly reluAfter: boolean;
  readonly pool: NormBlockPool | null;
}

/**
 * `NormBlockGrad`: inputs { dy (shape of y), x, bias?, scale?, offset?, mean, variance, y, saved }, the attributes of
 * `NormBlock`. Outputs always four: [dx (shape of x), dbias [C], dscale [C], doffset [C]]; those of absent inputs hold
 * anything. Where several places of a window are the maximum, dy goes to the first (row by row). The gradient of ReLU at 0
 * is 0. No gradient flows through the outputs mean and variance.
 */
export type NormBlockGradAttrs = NormBlockAttrs;

/**
 * `SeededDropout`: inputs { x, key int32 [2] }, output y of x's shape:
 *   y[i] = kept(i) ? x[i] * scale : 0,   scale = float32(1 / (1 - rate))
 * i counts the elements of x in row-major order (0 .. 2^32 - 1). All of the following is in uint32 arithmetic, modulo
 * 2^32, `>>>` is the logical shift, k0 and k1 are key[0] and key[1] reinterpreted as uint32:
 *
 *   mix(h):  h ^= h >>> 16;  h *= 0x85ebca6b;  h ^= h >>> 13;  h *= 0xc2b2ae35;  h ^= h >>> 16;  return h
 *   word(j)  = mix(mix(j ^ k0) + k1)
 *   level(i) = (word(i >>> 1) >>> (16 * (i & 1))) & 0xffff       two levels a word, the low half first
 *   kept(i)  = level(i) >= round(rate * 65536)                   round: half up, in double
 *
 * mix is the finalizer of MurmurHash3. With k0, k1 the first two words of the key of a (seed, path), word(j) is element
 * j of `randomBits(out, seed, ...path)` of @atelier/data. The gradient of x is the same kernel on dy with the same key.
 */
export interface SeededDropoutAttrs {
  /** In [0, 1). */
  readonly rate: number;
}

/** Levels a mask distinguishes: a rate is met to 1 / 65536. */
export const DROPOUT_LEVELS = 65536;

/**
 * `SoftmaxCrossEntropy`: inputs { logits [n, c], labels int32 [n] in 0 .. c - 1 }.
 *   p = softmax(logits);  t = onehot(label) * (1 - labelSmoothing) + labelSmoothing / c
 *   loss[i] = -sum_j t[i, j] log p[i, j]
 * log p is computed as logit - max - log(sum(exp(logit - max))), never as the log of p. A label outside 0 .. c - 1 has an
 * onehot of zeros. Outputs [loss [n], probabilities [n, c]].
 *
 * `SoftmaxCrossEntropyGrad`: inputs { probabilities, labels, dy [n] }, the same attributes.
 *   dlogits[i, j] = (p[i, j] * sum_j t[i, j] - t[i, j]) * dy[i]       (the sum is 1 for a valid label)
 */
export interface SoftmaxCrossEntropyAttrs {
  /** In [0, 1). */
  readonly labelSmoothing: number;
}

export type OptimizerKind = 'sgd' | 'adam' | 'adamw';

/**
 * `OptimizerUpdate`: inputs { p0, g0, m0?, v0?, p1, g1, m1?, v1?, ..., hyper [4] }; p, m and v are changed in place, each
 * of any shape, p_i, g_i, m_i and v_i of the same one. Output: dummy.
 *
 *   hyper = [rate, c1, c2, 0] with c1 = 1 - beta1^t, c2 = 1 - beta2^t, t counting the steps from 1
 *
 *   sgd    momentum 0:  p -= rate * g                       no m, no v
 *          else:        m = momentum * m + g;  p -= rate * (nesterov ? g + momentum * m : m)      no v
 *   adam   m = beta1 * m + (1 - beta1) * g;  v = beta2 * v + (1 - beta2) * g * g
 *          p -= rate * (m / c1) / (sqrt(v / c2) + epsilon)
 *   adamw  p -= rate * weightDecay * p  first, then as adam (decoupled: Loshchilov and Hutter 2019)
 *
 * weightDecay moves only the parameters whose rank is at least 2 (kernels, not biases, scales and offsets).
 */
export interface OptimizerUpdateAttrs {
  readonly kind: OptimizerKind;
  /** How many parameters. */
  readonly count: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}
