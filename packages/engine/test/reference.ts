/**
 * The fused training ops in plain TypeScript and float64, one sample and channel at a time, straight from the formulas of
 * kernels.ts: what the engines are held against. Tensors are arrays in row-major order.
 */

export interface PoolReference {
  readonly shape: readonly [number, number, number, number];
  readonly filter: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pad: 'valid' | 'same';
}

/** Max pooling of z [n, h, w, c]. */
export function maxPool(z: readonly number[], pool: PoolReference): number[] {
  const [n, height, width, channels] = pool.shape;
  const sides = ([height, width] as const).map((side, axis) => {
    const [filter, stride] = [pool.filter[axis]!, pool.strides[axis]!];
    const out = pool.pad === 'same' ? Math.ceil(side / stride) : Math.floor((side - filter) / stride) + 1;
    const before = pool.pad === 'same' ? Math.floor(Math.max((out - 1) * stride + filter - side, 0) / 2) : 0;
    return { out, before };
  });
  const [down, right] = sides as [{ out: number; before: number }, { out: number; before: number }];
  const y: number[] = [];
  for (let image = 0; image < n; image++)
    for (let row = 0; row < down.out; row++)
      for (let column = 0; column < right.out; column++)
        for (let c = 0; c < channels; c++) {
          let most = -Infinity;
          for (let i = 0; i < pool.filter[0]; i++)
            for (let j = 0; j < pool.filter[1]; j++) {
              const [r, s] = [
                row * pool.strides[0] - down.before + i,
                column * pool.strides[1] - right.before + j,
              ];
              if (r < 0 || s < 0 || r >= height || s >= width) continue;
              most = Math.max(most, z[((image * height + r) * width + s) * channels + c]!);
            }
          y.push(most);
        }
  return y;
}

export interface NormBlockReference {
  readonly x: readonly number[];
  readonly bias: readonly number[];
  readonly scale: readonly number[];
  readonly offset: readonly number[];
  readonly epsilon: number;
  readonly reluBefore: boolean;
  readonly reluAfter: boolean;
  readonly pool: PoolReference | null;
}

export function normBlockReference(block: NormBlockReference): {
  y: number[];
  mean: number[];
  variance: number[];
} {
  const { x, bias, scale, offset, epsilon } = block;
  const channels = bias.length;
  const count = x.length / channels;
  const relu = (on: boolean, value: number): number => (on ? Math.max(value, 0) : value);
  const v = x.map((value, i) => relu(block.reluBefore, value + bias[i % channels]!));
  const mean = bias.map(
    (_, c) => v.reduce((sum, value, i) => sum + (i % channels === c ? value : 0), 0) / count,
  );
  const variance = bias.map(
    (_, c) =>
      v.reduce((sum, value, i) => sum + (i % channels === c ? (value - mean[c]!) ** 2 : 0), 0) / count,
  );
  const z = v.map((value, i) => {
    const c = i % channels;
    const w = ((value - mean[c]!) / Math.sqrt(variance[c]! + epsilon)) * scale[c]! + offset[c]!;
    return relu(block.reluAfter, w);
  });
  return { y: block.pool ? maxPool(z, block.pool) : z, mean, variance };
}

/** Losses and probabilities. */
export function crossEntropyReference(
  logits: readonly number[],
  labels: readonly number[],
  labelSmoothing: number,
): { losses: number[]; probabilities: number[] } {
  const classes = logits.length / labels.length;
  const rows = labels.map((label, i) => {
    const row = logits.slice(i * classes, (i + 1) * classes);
    const most = Math.max(...row);
    const total = row.reduce((sum, value) => sum + Math.exp(value - most), 0);
    const log = row.map((value) => value - most - Math.log(total));
    const target = (j: number): number => (j === label ? 1 - labelSmoothing : 0) + labelSmoothing / classes;
    return { loss: -log.reduce((sum, value, j) => sum + target(j) * value, 0), p: log.map(Math.exp) };
  });
  return { losses: rows.map(({ loss }) => loss), probabilities: rows.flatMap(({ p }) => p) };
}

export interface OptimizerReference {
  readonly kind: 'sgd' | 'adam' | 'adamw';
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** The parameter after its gradients were applied one after the other, the step's rate in `rates`. */
export function optimizerReference(
  rule: OptimizerReference,
  start: readonly number[],
  gradients: readonly (readonly number[])[],
  rates: readonly number[],
  decayed: boolean,
): number[] {
  return start.map((parameter, i) => {
    let [p, m, v] = [parameter, 0, 0];
    gradients.forEach((all, step) => {
      const [g, rate, t] = [all[i]!, rates[step]!, step + 1];
      if (rule.kind === 'sgd') {
        m = rule.momentum * m + g;
        if (rule.momentum === 0) p -= rate * g;
        else p -= rate * (rule.nesterov ? g + rule.momentum * m : m);
        return;
      }
      if (rule.kind === 'adamw' && decayed) p -= rate * rule.weightDecay * p;
      m = rule.beta1 * m + (1 - rule.beta1) * g;
      v = rule.beta2 * v + (1 - rule.beta2) * g * g;
      p -= (rate * (m / (1 - rule.beta1 ** t))) / (Math.sqrt(v / (1 - rule.beta2 ** t)) + rule.epsilon);
    });
    return p;
  });
}

/** d(weights . f(at)) / d(at[i]) by central differences, for every i. */
export function centralDifferences(
  f: (at: readonly number[]) => readonly number[],
  at: readonly number[],
  weights: readonly number[],
  h = 1e-6,
): number[] {
  const dot = (values: readonly number[]): number =>
    values.reduce((sum, value, i) => sum + value * weights[i]!, 0);
  return at.map((value, i) => {
    const moved = (by: number): number[] => at.map((other, j) => (j === i ? value + by : other));
    return (dot(f(moved(h))) - dot(f(moved(-h)))) / (2 * h);
  });
}
