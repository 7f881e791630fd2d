import { flag, listed, shapeOf, size, type Call, type Family } from './call.ts';
import { convolution, norm, pool, resize } from './image-calls.ts';
import { oneOf, whole, type Random } from './random.ts';

const elementwise =
  (inWidth: number, outWidth: number, extra = 0): Family =>
  (random) => {
    const count = whole(random, 0, 70);
    const more = Array.from({ length: extra }, () => random() * 4 - 2);
    return { numbers: [count, ...more], inputs: [count * inWidth], outputs: [count * outWidth] };
  };

const pair =
  (inWidth: number, outWidth: number): Family =>
  (random) => {
    const out = shapeOf(random);
    const a = out.map((d) => (random() < 0.3 ? 1 : d));
    const b = out.map((d, i) => (random() < 0.3 && a[i] === d ? 1 : d));
    const y = out.map((_, i) => (a[i] === 1 ? b[i]! : a[i]!));
    return {
      numbers: [...listed(a), ...listed(b)],
      inputs: [size(a) * inWidth, size(b) * inWidth],
      outputs: [size(y) * outWidth],
    };
  };

const reduced =
  (inWidth: number, outWidth: number): Family =>
  (random) => {
    const shape = shapeOf(random);
    const gone = shape.map(() => flag(random));
    const kept = shape.filter((_, i) => gone[i] === 0);
    return {
      numbers: [...listed(shape), ...listed(gone)],
      inputs: [size(shape) * inWidth],
      outputs: [size(kept) * outWidth],
    };
  };

const along =
  (whole_: boolean, extra: number): Family =>
  (random) => {
    const [outer, length, inner] = [whole(random, 0, 5), whole(random, 1, 40), whole(random, 0, 40)];
    const more = Array.from({ length: extra }, () => flag(random));
    const results = whole_ ? outer * length * inner : outer * inner;
    return {
      numbers: [outer, length, inner, ...more],
      inputs: [outer * length * inner * 4],
      outputs: [results * 4],
    };
  };

const copied: Family = (random) => {
  const width = oneOf(random, [1, 4]);
  const shape = shapeOf(random);
  const strides = shape.map((_, d) => size(shape.slice(d + 1)));
  const turned = strides.map((stride) => (random() < 0.2 ? -stride : stride));
  const offset = turned.reduce((sum, stride, d) => sum + (stride < 0 ? -stride * (shape[d]! - 1) : 0), 0);
  const bytes = size(shape) * width;
  return {
    numbers: [width, ...listed(shape), Math.max(0, offset), ...listed(turned), 0, ...listed(strides)],
    inputs: [bytes],
    outputs: [bytes],
  };
};

const rows =
  (
    extra: (random: Random) => number[],
    inputs: (n: number, c: number) => number[],
    outputs = inputs,
  ): Family =>
  (random) => {
    const [n, c] = [whole(random, 0, 9), whole(random, 0, 20)];
    return {
      numbers: [n, c, ...extra(random)],
      inputs: inputs(n, c).map((count) => count * 4),
      outputs: outputs(n, c).map((count) => count * 4),
    };
  };

const gather: Family = (random) => {
  const [width, batch, outer, length, slice, places] = [
    oneOf(random, [1, 4]),
    ...Array.from({ length: 5 }, () => whole(random, 0, 5)),
  ] as [number, number, number, number, number, number];
  return {
    numbers: [width, batch, outer, length, slice, places],
    inputs: [width * batch * outer * length * slice, batch * places * 4],
    outputs: [width * batch * outer * places * slice],
  };
};

const matmul: Family = (random) => {
  const batch = whole(random, 0, 3);
  const [batchA, batchB] = oneOf(random, [
    [batch, batch],
    [1, batch],
    [batch, 1],
  ]) as [number, number];
  const [m, k, n] = [whole(random, 0, 20), whole(random, 0, 20), whole(random, 0, 20)];
  const results = (batchA === 1 ? batchB : batchA) * m * n;
  return {
    numbers: [batchA, batchB, m, k, n, flag(random), flag(random), flag(random)],
    inputs: [batchA * m * k * 4, batchB * k * n * 4, random() < 0.5 ? n * 4 : 0],
    outputs: [results * 4],
  };
};

const optimizer: Family = (random) => {
  const [kind, momentum] = [whole(random, 0, 2), oneOf(random, [0, 0.9])];
  const counts = Array.from({ length: whole(random, 0, 4) }, () => oneOf(random, [0, 1, 7, 40000]));
  return {
    numbers: [
      ...[kind, momentum, flag(random), 0.9, 0.999, 1e-7, 0.01, counts.length],
      ...counts.flatMap((count) => [count, flag(random)]),
    ],
    inputs: [16, ...counts.map((count) => count * 4)],
    outputs: counts.flatMap((count) => [count * 4, count * 4, count * 4]),
  };
};

const each = (names: string, family: Family): [string, Family][] =>
  names.split(' ').map((name) => [name, family]);

/** Every native operation, and how calls of it are made that are right. */
export const FAMILIES: ReadonlyMap<string, Family> = new Map([
  ...each(
    'relu relu6 elu selu sigmoid tanh exp expm1 log log1p sqrt rsqrt square abs neg sign floor ceil round reciprocal ' +
      'sin cos tan sinh cosh asin acos atan asinh acosh atanh softplus erf negInt signInt reluInt',
    elementwise(4, 4),
  ),
  ...each('leakyRelu step', elementwise(4, 4, 1)),
  ...each('clipByValue', elementwise(4, 4, 2)),
  ...each('isNan isInf isFinite', elementwise(4, 1)),
  ...each('logicalNot', elementwise(1, 1)),
  ...each('copy', elementwise(1, 1)),
  ...each('cast', (random) => {
    const [count, from, to] = [whole(random, 0, 50), whole(random, 0, 2), whole(random, 0, 2)];
    const width = (type: number): number => (type === 2 ? 1 : 4);
    return { numbers: [count, from, to], inputs: [count * width(from)], outputs: [count * width(to)] };
  }),
  ...each('fill', (random) => {
    const [count, type] = [whole(random, 0, 50), whole(random, 0, 2)];
    return { numbers: [count, type, random() * 9], inputs: [], outputs: [count * (type === 2 ? 1 : 4)] };
  }),
  ...each(
    'add sub multiply realDiv maximum minimum squaredDifference prelu eluGradient pow mod atan2 floorDiv addInt subInt ' +
      'multiplyInt realDivInt maximumInt minimumInt squaredDifferenceInt floorDivInt modInt powInt',
    pair(4, 4),
  ),
  ...each('equal notEqual less lessEqual greater greaterEqual', pair(4, 1)),
  ...each('equalInt notEqualInt lessInt lessEqualInt greaterInt greaterEqualInt', pair(4, 1)),
  ...each('equalBool notEqualBool lessBool lessEqualBool greaterBool greaterEqualBool', pair(1, 1)),
  ...each('logicalAnd logicalOr', pair(1, 1)),
  ...each('addN', (random) => {
    const count = whole(random, 0, 3000);
    return {
      numbers: [count],
      inputs: Array.from({ length: whole(random, 1, 4) }, () => count * 4),
      outputs: [count * 4],
    };
  }),
  ...each('select', (random) => {
    const [count, type] = [whole(random, 0, 50), whole(random, 0, 2)];
    const bytes = count * (type === 2 ? 1 : 4);
    return { numbers: [count, type], inputs: [count, bytes, bytes], outputs: [bytes] };
  }),
  ...each('sum sumInt mean meanInt prod prodInt max maxInt min minInt', reduced(4, 4)),
  ...each('meanBool', reduced(1, 4)),
  ...each('all any', reduced(1, 1)),
  ...each('argMax argMaxInt argMin argMinInt', along(false, 0)),
  ...each('cumsum cumsumInt', along(true, 2)),
  ...each('transpose slice pad mirrorPad tile reverse', copied),
  ...each('gather', gather),
  ...each('segmentSum', (random) => {
    const [length, slice, count] = [whole(random, 0, 9), whole(random, 0, 30), whole(random, 0, 9)];
    return {
      numbers: [length, slice, count],
      inputs: [length * slice * 4, length * 4],
      outputs: [count * slice * 4],
    };
  }),
  ...each('oneHot', (random) => {
    const [type, count, depth] = [whole(random, 0, 2), whole(random, 0, 9), whole(random, 0, 9)];
    const bytes = count * depth * (type === 2 ? 1 : 4);
    return { numbers: [type, count, depth, 1, 0], inputs: [count * 4], outputs: [bytes] };
  }),
  ...each(
    'softmax',
    rows(
      () => [],
      (n, c) => [n * c],
    ),
  ),
  ...each(
    'batchNorm',
    rows(
      () => [1e-3],
      (n, c) => [n * c, c, c, c, c],
      (n, c) => [n * c],
    ),
  ),
  ...each(
    'softmaxCrossEntropy',
    rows(
      () => [0.1],
      (n, c) => [n * c, n],
      (n, c) => [n, n * c],
    ),
  ),
  ...each(
    'softmaxCrossEntropyGradient',
    rows(
      () => [0.1],
      (n, c) => [n * c, n, n],
      (n, c) => [n * c],
    ),
  ),
  ...each('seededDropout', (random) => {
    const count = whole(random, 0, 100);
    return { numbers: [count, 0.4], inputs: [count * 4, 8], outputs: [count * 4] };
  }),
  ...each('reluGradient', (random) => {
    const count = whole(random, 0, 40);
    return { numbers: [count], inputs: [count * 4, count * 4], outputs: [count * 4] };
  }),
  ...each('toBf16', (random) => {
    const count = whole(random, 0, 100);
    return { numbers: [count], inputs: [count * 4], outputs: [count * 2], half: 'outputs' };
  }),
  ...each('fromBf16', (random) => {
    const count = whole(random, 0, 100);
    return { numbers: [count], inputs: [count * 2], outputs: [count * 4], half: 'inputs' };
  }),
  ...each('maxPool avgPool', pool(false, 'x')),
  ...each('maxPoolGradient', pool(true, 'both')),
  ...each('avgPoolGradient', pool(true, 'dy')),
  ...each('resizeBilinear resizeNearest', resize(false)),
  ...each('resizeBilinearGradient resizeNearestGradient', resize(true)),
  ...each('normBlock', norm(false)),
  ...each('normBlockGradient', norm(true)),
  ...each('conv2d conv2dInputGradient conv2dFilterGradient', convolution),
  ...each('matmul', matmul),
  ...each('activation', (random) => {
    const count = whole(random, 0, 200);
    return { numbers: [whole(random, 0, 2), count], inputs: [count * 4], outputs: [count * 4] };
  }),
  ...each('activationGradient', (random) => {
    const count = whole(random, 0, 200);
    return { numbers: [whole(random, 0, 2), count], inputs: [count * 4, count * 4], outputs: [count * 4] };
  }),
  ...each(
    'layerNorm',
    rows(
      () => [1e-5],
      (n, c) => [n * c, c, c],
      (n, c) => [n * c, n, n],
    ),
  ),
  ...each(
    'layerNormGradient',
    rows(
      () => [],
      (n, c) => [n * c, n * c, c, n, n],
      (n, c) => [n * c, c, c],
    ),
  ),
  ...each(
    'softmaxGradient',
    rows(
      () => [],
      (n, c) => [n * c, n * c],
    ),
  ),
  ...each('topK topKInt', (random) => {
    const [count, length] = [whole(random, 0, 9), whole(random, 1, 90)];
    const k = whole(random, 0, length);
    return {
      numbers: [count, length, k],
      inputs: [count * length * 4],
      outputs: [count * k * 4, count * k * 4],
    };
  }),
  ...each('concat', (random) => {
    const [width, outer] = [oneOf(random, [1, 4]), whole(random, 0, 9)];
    const inner = Array.from({ length: whole(random, 1, 4) }, () => oneOf(random, [0, 1, 7, 16, 130]));
    return {
      numbers: [width, outer, ...listed(inner)],
      inputs: inner.map((each) => width * outer * each),
      outputs: [width * outer * inner.reduce((a, b) => a + b, 0)],
    };
  }),
  ...each('gatherNd', (random) => {
    const [width, places, slice] = [oneOf(random, [1, 4]), whole(random, 0, 9), whole(random, 0, 9)];
    const sizes = shapeOf(random);
    return {
      numbers: [width, places, slice, ...listed(sizes)],
      inputs: [size(sizes) * slice * width, places * sizes.length * 4],
      outputs: [places * slice * width],
    };
  }),
  ...each('optimizerUpdate', optimizer),
]);

export function callOf(random: Random, name: string): Call {
  return { name, ...FAMILIES.get(name)!(random, name) };
}
