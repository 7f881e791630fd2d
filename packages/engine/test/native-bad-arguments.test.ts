import { afterEach, describe, expect, it } from 'vitest';
import { addon, randomNumbers } from './native.ts';

/** A valid call: numbers, bytes of the inputs and outputs; `free` are numbers that may be anything. */
interface Valid {
  readonly numbers: readonly number[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly free?: readonly number[];
  /** Inputs that may be missing. */
  readonly optional?: readonly number[];
}

const elementwise: Valid = { numbers: [100], inputs: [400], outputs: [400] };
const withAlpha: Valid = { numbers: [100, 0.2], inputs: [400], outputs: [400], free: [1] };
const test: Valid = { numbers: [100], inputs: [400], outputs: [100] };
const pair: Valid = { numbers: [2, 3, 100, 1, 100], inputs: [1200, 400], outputs: [1200] };
const compared: Valid = { ...pair, outputs: [300] };
const bools: Valid = { ...pair, inputs: [300, 100], outputs: [300] };
const reduced: Valid = { numbers: [3, 2, 30, 40, 3, 0, 1, 0], inputs: [9600], outputs: [320] };
const reducedBools: Valid = { ...reduced, inputs: [2400], outputs: [80] };
const along: Valid = { numbers: [2, 30, 40], inputs: [9600], outputs: [320] };
const running: Valid = { numbers: [2, 30, 40, 0, 1], inputs: [9600], outputs: [9600], free: [3, 4] };
const copied: Valid = {
  numbers: [4, 2, 10, 20, 0, 2, 1, 10, 0, 2, 20, 1],
  inputs: [800],
  outputs: [800],
};
const pool = [2, 4, 4, 3, 2, 2, 2, 2, 0, 0, 2, 2];
const resized: Valid = { numbers: [2, 2, 3, 4, 4, 5, 0, 1], inputs: [192], outputs: [640], free: [6, 7] };

const each = (names: string, valid: Valid): [string, Valid][] =>
  names.split(' ').map((name) => [name, valid]);

const CALLS: [string, Valid][] = [
  ...each('relu relu6 elu selu sigmoid tanh exp expm1 log log1p sqrt rsqrt square abs neg sign', elementwise),
  ...each('floor ceil round reciprocal sin cos tan sinh cosh asin acos atan asinh acosh atanh', elementwise),
  ...each('softplus erf negInt signInt reluInt', elementwise),
  ...each('leakyRelu step', withAlpha),
  ...each('clipByValue', { ...withAlpha, numbers: [100, -1, 1], free: [1, 2] }),
  ...each('isNan isInf isFinite', test),
  ...each('logicalNot', { numbers: [100], inputs: [100], outputs: [100] }),
  ...each('cast', { numbers: [100, 0, 1], inputs: [400], outputs: [400] }),
  ...each('fill', { numbers: [100, 0, 1.5], inputs: [], outputs: [400], free: [2] }),
  ...each('add sub multiply realDiv maximum minimum squaredDifference prelu eluGradient pow mod atan2', pair),
  ...each('addInt subInt multiplyInt realDivInt maximumInt minimumInt squaredDifferenceInt', pair),
  ...each('floorDivInt modInt powInt floorDiv', pair),
  ...each('equal notEqual less lessEqual greater greaterEqual', compared),
  ...each('equalInt notEqualInt lessInt lessEqualInt greaterInt greaterEqualInt', compared),
  ...each('equalBool notEqualBool lessBool lessEqualBool greaterBool greaterEqualBool', bools),
  ...each('logicalAnd logicalOr', bools),
  ...each('addN', { numbers: [100], inputs: [400, 400], outputs: [400] }),
  ...each('select', { numbers: [100, 0], inputs: [100, 400, 400], outputs: [400] }),
  ...each('sum sumInt mean meanInt prod prodInt max maxInt min minInt', reduced),
  ...each('all any', reducedBools),
  ...each('meanBool', { ...reducedBools, outputs: [320] }),
  ...each('argMax argMaxInt argMin argMinInt', along),
  ...each('cumsum cumsumInt', running),
  ...each('softmax', { numbers: [20, 30], inputs: [2400], outputs: [2400] }),
  ...each('transpose slice pad mirrorPad tile reverse', copied),
  ...each('concat', { numbers: [4, 10, 2, 4, 8], inputs: [160, 320], outputs: [480] }),
  ...each('gather', { numbers: [4, 2, 3, 4, 5, 20], inputs: [480, 160], outputs: [2400] }),
  ...each('segmentSum', { numbers: [40, 3, 50], inputs: [480, 160], outputs: [600] }),
  ...each('oneHot', { numbers: [0, 40, 3, 1, 0], inputs: [160], outputs: [480], free: [3, 4] }),
  ...each('maxPool avgPool', { numbers: pool, inputs: [384], outputs: [96] }),
  ...each('maxPoolGradient', { numbers: pool, inputs: [96, 384], outputs: [384] }),
  ...each('avgPoolGradient', { numbers: pool, inputs: [96], outputs: [384] }),
  ...each('resizeBilinear resizeNearest', resized),
  ...each('resizeBilinearGradient resizeNearestGradient', { ...resized, inputs: [640], outputs: [192] }),
  ...each('batchNorm', {
    ...{ numbers: [4, 30, 0.001], inputs: [480, 120, 120, 120, 120], outputs: [480] },
    ...{ free: [2], optional: [3, 4] },
  }),
];

const blocks: number[] = [];

function alloc(bytes: number): number {
  const block = addon!.alloc(bytes, false);
  addon!.write(block, new Uint8Array(bytes));
  blocks.push(block);
  return block;
}

function call(name: string, { numbers, inputs, outputs }: Valid): () => void {
  const [given, made] = [inputs.map(alloc), outputs.map(alloc)];
  return () => addon!.run(name, numbers, given, made);
}

/** Memory whose bytes are all one: only the first `bytes` may be written. */
function guarded(bytes: number): { block: number; check: () => void } {
  const block = addon!.alloc(bytes + 64, false);
  addon!.write(block, new Uint8Array(bytes + 64).fill(0xa5));
  blocks.push(block);
  const check = (): void => {
    const all = new Uint8Array(bytes + 64);
    addon!.read(block, all);
    expect(all.subarray(bytes).every((byte) => byte === 0xa5)).toBe(true);
  };
  return { block, check };
}

describe.skipIf(!addon)('native operations called with what does not fit', { timeout: 60_000 }, () => {
  afterEach(() => {
    for (const block of blocks.splice(0)) addon!.release(block);
  });

  it.each(CALLS)('%s', (name, valid) => {
    expect(addon!.has(name)).toBe(true);
    expect(call(name, valid)).not.toThrow();
    for (const side of ['inputs', 'outputs'] as const)
      for (const [at, bytes] of valid[side].entries()) {
        const short = { ...valid, [side]: valid[side].with(at, Math.floor(bytes / 2)) };
        expect(call(name, short), `${side} ${at} too small`).toThrow(/holds/);
        const ids = { inputs: valid.inputs.map(alloc), outputs: valid.outputs.map(alloc) };
        const stale = addon!.alloc(bytes, false);
        addon!.release(stale);
        const run = (block: number) => () => {
          const changed = { ...ids, [side]: ids[side].with(at, block) };
          addon!.run(name, valid.numbers, changed.inputs, changed.outputs);
        };
        expect(run(stale), `${side} ${at} stale`).toThrow(/no such block/);
        if (side === 'inputs' && valid.optional?.includes(at)) expect(run(0)).not.toThrow();
        else if (name !== 'addN' || at !== 1) expect(run(0), `${side} ${at} missing`).toThrow(/missing/);
      }
    for (const at of valid.numbers.keys()) {
      expect(call(name, { ...valid, numbers: valid.numbers.slice(0, at) }), `${at} numbers`).toThrow();
      if (valid.free?.includes(at)) continue;
      for (const wrong of [NaN, Infinity, 0.5, 1e300])
        expect(
          call(name, { ...valid, numbers: valid.numbers.with(at, wrong) }),
          `number ${at}: ${wrong}`,
        ).toThrow();
    }
  });

  it('never leave their memory, whatever the numbers', () => {
    const random = randomNumbers(3);
    const odd = [-1, 0, 1, 2, 3, 7, 100, 65536, 2 ** 31, 2 ** 32 + 1, 2 ** 45, -(2 ** 31), -3, 2 ** 53];
    let refused = 0;
    for (let round = 0; round < 40; round++) {
      for (const [name, valid] of CALLS) {
        let numbers = [...valid.numbers];
        const changes = 1 + Math.floor(random() * 3);
        for (let i = 0; i < changes; i++)
          numbers = numbers.with(
            Math.floor(random() * numbers.length),
            odd[Math.floor(random() * odd.length)]!,
          );
        const [given, made] = [valid.inputs.map(alloc), valid.outputs.map(alloc)];
        try {
          addon!.run(name, numbers, given, made);
        } catch (error) {
          expect((error as Error).message).not.toBe('');
          refused++;
        }
        for (const block of blocks.splice(0)) addon!.release(block);
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });

  it.each(CALLS)('%s writes no further than its result', (name, valid) => {
    const guards = valid.outputs.map(guarded);
    addon!.run(
      name,
      valid.numbers,
      valid.inputs.map(alloc),
      guards.map(({ block }) => block),
    );
    for (const { check } of guards) check();
  });

  it('refuse to rearrange numbers where they lie', () => {
    const x = alloc(800);
    for (const name of ['transpose', 'slice', 'pad', 'mirrorPad', 'tile', 'reverse'])
      expect(() => addon!.run(name, copied.numbers, [x], [x]), name).toThrow(/must not be its own input/);
    const whole = [4, 1, 1, 200];
    expect(() => addon!.run('concat', whole, [x], [x])).toThrow(/must not be its own input/);
  });

  it('refuse what is no list, no number, no operation', () => {
    const run =
      (...args: unknown[]) =>
      () =>
        (addon!.run as (...all: unknown[]) => void)(...args);
    expect(run('nonsense', [], [], [])).toThrow('no operation is called nonsense');
    expect(run('relu')).toThrow(/argument \d/);
    expect(run('relu', [1])).toThrow(/argument \d/);
    expect(run('relu', ['x'], [], [])).toThrow();
    expect(run('relu', [1], ['x'], ['y'])).toThrow(/no such block/);
    expect(run()).toThrow(/a name expected/);
  });
});
