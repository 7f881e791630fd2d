import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Addon, BlockId } from '../src/onednn/addon.ts';
import { bf16Fault, chooseBf16 } from '../src/onednn/bf16-check.ts';
import { roundToBf16 } from './bf16.ts';
import { hasNative } from './has-native.ts';
import { addon as loaded } from './native.ts';

const reference = JSON.parse(
  readFileSync(new URL('bf16-rounding.json', import.meta.url), 'utf8'),
) as Readonly<Record<'float32' | 'bfloat16', number[]>>;
const bits = Uint32Array.from(reference.float32);
const floats = new Float32Array(bits.buffer);
const count = floats.length;

/** Every bit of a number, or the sign and that it is a NaN. */
function described(half: number): string {
  const isNan = (half & 0x7f80) === 0x7f80 && (half & 0x7f) !== 0;
  return isNan ? `NaN ${half >> 15}` : half.toString(16);
}

describe.runIf(hasNative)('bf16 in the native library', () => {
  const addon = loaded!;
  const blocks: BlockId[] = [];
  const block = (bytes: number, half = false): BlockId => {
    blocks.push(addon.alloc(bytes, false, half));
    return blocks.at(-1)!;
  };
  const given = (values: NodeJS.TypedArray): BlockId => {
    const id = block(values.byteLength);
    addon.write(id, values);
    return id;
  };
  const halves = (id: BlockId): Uint16Array => {
    const list = new Uint16Array(count);
    addon.read(id, list);
    return list;
  };

  afterEach(() => {
    blocks.splice(0).forEach((id) => addon.release(id));
    addon.setProducts('fp32');
  });

  it('rounds as ml_dtypes does: ties, infinities, NaN, subnormal numbers', () => {
    const half = block(count * 2, true);
    addon.run('toBf16', [count], [given(bits)], [half]);
    expect([...halves(half)].map(described)).toEqual(reference.bfloat16.map(described));
  });

  it('rounds the same in vector code', () => {
    const half = block(count * 2, true);
    const key = given(Int32Array.of(1, 2));
    addon.run('seededDropout', [count, 0], [given(bits), key], [half]);
    // dropout multiplies by 1: a NaN, an infinity and every finite number stay what they are
    expect([...halves(half)].map(described)).toEqual(reference.bfloat16.map(described));
  });

  it('rounds as the reference of the other tests does', () => {
    const finite = [...floats].filter((value) => !Number.isNaN(value));
    const wanted = reference.bfloat16
      .map((half) => new Float32Array(Uint32Array.of(half << 16).buffer)[0]!)
      .filter((_, i) => !Number.isNaN(floats[i]!));
    expect(finite.map(roundToBf16)).toEqual(wanted);
  });

  it('keeps every bit on the way back, into a block and into an array', () => {
    const half = block(count * 2, true);
    addon.run('toBf16', [count], [given(bits)], [half]);
    const wide = Uint32Array.from(halves(half), (value) => value << 16);
    const back = block(count * 4);
    addon.run('fromBf16', [count], [half], [back]);
    const words = new Uint32Array(count);
    addon.read(back, words);
    expect(words).toEqual(wide);
    const array = new Float32Array(count);
    addon.read(half, array);
    expect(new Uint32Array(array.buffer)).toEqual(wide);
  });

  it('is taken by every operation as the numbers it stands for', () => {
    const half = block(8, true);
    addon.run('toBf16', [4], [given(Float32Array.of(1, -2, 0.5, -3))], [half]);
    const result = block(16);
    const values = new Float32Array(4);
    addon.run('relu', [4], [half], [result]);
    addon.read(result, values);
    expect([...values]).toEqual([1, 0, 0.5, 0]);
    addon.run('transpose', [4, 2, 2, 2, 0, 2, 2, 1, 0, 2, 1, 2], [half], [result]);
    addon.read(result, values);
    expect([...values]).toEqual([1, 0.5, -2, -3]);
  });

  it('refuses what would lose or invent bits', () => {
    const half = block(8, true);
    const four = given(new Float32Array(4));
    expect(() => addon.view(half, 8)).toThrow('the block holds bf16');
    expect(() => addon.run('relu', [4], [four], [half])).toThrow('output 0 holds bf16');
    expect(() => addon.run('fromBf16', [500], [half], [block(2000)])).toThrow('500 elements of 2 bytes');
    expect(() => addon.read(half, new Float32Array(2 ** 20))).toThrow('more numbers than the block has');
    expect(() => addon.setProducts('bf61' as 'fp32')).toThrow('fp32, bf16-rounded or bf16-native expected');
  });

  it('multiplies bf16 itself where it can, and says where it cannot', () => {
    const { products, words } = chooseBf16(addon);
    if (products === 'bf16-native') expect(words).toBe(`multiplied by the CPU (${addon.isa})`);
    else expect(words).toMatch(/^rounded in software: /);
    if (addon.bf16 === 'none')
      expect(() => addon.setProducts('bf16-native')).toThrow('oneDNN multiplies no bf16 on this CPU');
    else expect(bf16Fault(addon)).toBeUndefined();
  });

  /** A library whose CPU has bf16, and gets one number of `operation` wrong. */
  function broken(operation: string): Addon {
    let products = 'fp32';
    let ran = '';
    const replaced: Partial<Addon> = {
      bf16: 'instructions',
      isa: 'avx512_core_amx',
      setProducts(how) {
        products = how;
        addon.setProducts(how === 'fp32' ? how : 'bf16-rounded');
      },
      run(name, ...rest) {
        ran = name;
        addon.run(name, ...rest);
      },
      read(id, into) {
        addon.read(id, into);
        if (products === 'bf16-native' && ran === operation) (into as Float32Array)[3]! += 1;
      },
    };
    return new Proxy(addon, {
      get: (target, key) => Reflect.get(key in replaced ? replaced : target, key) as unknown,
    });
  }

  it.each(['conv2d', 'conv2dInputGradient', 'conv2dFilterGradient', 'matmul'])(
    'goes back to rounding where %s is wrong',
    (operation) => {
      const { products, words } = chooseBf16(broken(operation));
      expect(products).toBe('bf16-rounded');
      expect(words).toMatch(new RegExp(`failed their check: ${operation} is off by`));
    },
  );

  it('trusts products that agree with rounding', () => {
    expect(chooseBf16(broken('none'))).toEqual({
      products: 'bf16-native',
      words: 'multiplied by the CPU (avx512_core_amx)',
    });
  });
});
