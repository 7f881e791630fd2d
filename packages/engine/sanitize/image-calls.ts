import { flag, type Family } from './call.ts';
import { oneOf, whole, type Random } from './random.ts';

interface Image {
  readonly n: number;
  readonly h: number;
  readonly w: number;
  readonly c: number;
}

function image(random: Random, channels: readonly number[]): Image {
  return {
    n: whole(random, 0, 3),
    h: whole(random, 0, 11),
    w: whole(random, 0, 11),
    c: oneOf(random, channels),
  };
}

const pixels = ({ n, h, w, c }: Image): number => n * h * w * c * 4;

function pooling(random: Random): { x: Image; y: Image; window: number[] } {
  const x = image(random, [0, 1, 3, 8, 65]);
  const [rows_, columns] = [whole(random, 1, 4), whole(random, 1, 4)];
  const [strideRows, strideColumns] = [whole(random, 1, 4), whole(random, 1, 4)];
  const [top, left] = [whole(random, 0, rows_ - 1), whole(random, 0, columns - 1)];
  const out = (length: number, before: number, stride: number): number =>
    Math.max(0, Math.ceil((length + before) / stride));
  const y = { ...x, h: out(x.h, top, strideRows), w: out(x.w, left, strideColumns) };
  return { x, y, window: [rows_, columns, strideRows, strideColumns, top, left, y.h, y.w] };
}

export const pool =
  (gradient: boolean, inputs: 'x' | 'dy' | 'both'): Family =>
  (random) => {
    const { x, y, window } = pooling(random);
    const given = { x: [pixels(x)], dy: [pixels(y)], both: [pixels(y), pixels(x)] }[inputs];
    const outputs = [gradient ? pixels(x) : pixels(y)];
    return { numbers: [x.n, x.h, x.w, x.c, ...window], inputs: given, outputs };
  };

export const norm =
  (gradient: boolean): Family =>
  (random) => {
    const { x, y, window } = pooling(random);
    const pooled = flag(random);
    const out = pooled ? pixels(y) : pixels(x);
    const channels = x.c * 4;
    const maybe = (): number => (random() < 0.7 ? channels : 0);
    return {
      numbers: [x.n, x.h, x.w, x.c, 1e-3, flag(random), flag(random), pooled, ...window],
      inputs: gradient
        ? [out, pixels(x), maybe(), maybe(), channels, channels, out, pooled ? out : 0]
        : [pixels(x), maybe(), maybe(), maybe()],
      outputs: gradient
        ? [pixels(x), maybe(), maybe(), maybe()]
        : [out, channels, channels, pooled ? out : 0],
    };
  };

export const resize =
  (gradient: boolean): Family =>
  (random) => {
    const x = image(random, [0, 1, 3, 8]);
    const y = { ...x, h: whole(random, 0, 9), w: whole(random, 0, 9) };
    const [from, to] = gradient ? [y, x] : [x, y];
    return {
      numbers: [x.n, x.h, x.w, x.c, y.h, y.w, flag(random), flag(random)],
      inputs: [pixels(from)],
      outputs: [pixels(to)],
    };
  };

/** Also the shapes that take Winograd's way: 3 x 3 windows on many channels. */
export const convolution: Family = (random, name) => {
  const fast = random() < 0.4;
  const depthwise = !fast && random() < 0.3 ? 1 : 0;
  const x = image(random, fast ? [16, 32, 64] : [0, 1, 3, 16]);
  const outputs = fast
    ? oneOf(random, [16, 32, 64])
    : depthwise
      ? x.c * whole(random, 1, 2)
      : whole(random, 0, 18);
  const [rows_, columns] = fast ? [3, 3] : [whole(random, 0, 4), whole(random, 0, 4)];
  const [strides, dilations] = fast
    ? [
        [1, 1],
        [1, 1],
      ]
    : [
        [whole(random, 1, 3), whole(random, 1, 3)],
        [whole(random, 1, 2), whole(random, 1, 2)],
      ];
  const pads = Array.from({ length: 4 }, () => whole(random, 0, 2));
  const out = (length: number, window: number, d: number): number => {
    const reach = (window - 1) * dilations[d]! + 1;
    return Math.floor((length + pads[2 * d]! + pads[2 * d + 1]! - reach) / strides[d]!) + 1;
  };
  const y = {
    n: x.n,
    h: Math.max(0, out(x.h, rows_!, 0)),
    w: Math.max(0, out(x.w, columns!, 1)),
    c: outputs,
  };
  const filter = rows_! * columns! * (depthwise ? outputs : x.c * outputs) * 4;
  const numbers = [
    ...[x.n, x.h, x.w, x.c, rows_!, columns!, outputs, y.h, y.w],
    ...[...strides!, ...dilations!, ...pads, depthwise],
  ];
  const bias = random() < 0.5 ? outputs * 4 : 0;
  if (name === 'conv2d')
    return { numbers: [...numbers, flag(random)], inputs: [pixels(x), filter, bias], outputs: [pixels(y)] };
  if (name === 'conv2dInputGradient') return { numbers, inputs: [pixels(y), filter], outputs: [pixels(x)] };
  return { numbers, inputs: [pixels(x), pixels(y)], outputs: [filter] };
};
