import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
// for the gradients, which it registers
import '@tensorflow/tfjs-layers';
import { EngineUnavailableError } from '../src/errors.ts';
import type { Addon } from '../src/onednn/addon.ts';
import { loadOnednn } from '../src/onednn/load.ts';
import { registerOnednn } from '../src/onednn/register.ts';

/** The native library as set-up built it; undefined where it could not be built (no compiler). */
function load(): Addon | undefined {
  try {
    return loadOnednn();
  } catch (error) {
    if (error instanceof EngineUnavailableError) return undefined;
    throw error;
  }
}

/** Names of the native operations that ran since `forget`. */
export const operations: string[] = [];

export function forget(): void {
  operations.length = 0;
}

/** Fails where one of these native operations did not run: its kernel was the cpu backend's. */
export function expectRan(...names: string[]): void {
  const ran = new Set(operations);
  const missing = names.filter((name) => !ran.has(name));
  if (missing.length > 0) throw new Error(`not native: ${missing.join(', ')}; ran: ${[...ran].join(', ')}`);
}

function recorded(addon: Addon): Addon {
  return new Proxy(addon, {
    get(target, key, receiver) {
      if (key !== 'run') return Reflect.get(target, key, receiver) as unknown;
      return (...args: Parameters<Addon['run']>) => {
        operations.push(args[0]);
        target.run(...args);
      };
    },
  });
}

export const addon = load();
if (addon) {
  addon.setThreads(2);
  registerOnednn(recorded(addon));
}

/** A tensor in words: its values are made anew on each backend. */
export interface Given {
  readonly shape: readonly number[];
  readonly dtype?: 'float32' | 'int32' | 'bool';
  readonly values?: readonly number[];
  /** Of the random values where none are given. */
  readonly range?: readonly [number, number];
}

/** Numbers from 0 to below 1; the same ones every time. */
export function randomNumbers(seed = 1): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function make({ shape, dtype = 'float32', values, range = [-2, 2] }: Given, random: () => number): tf.Tensor {
  const [low, high] = dtype === 'bool' ? [0, 2] : range;
  const draw = (): number => low + random() * (high - low);
  const count = tf.util.sizeFromShape([...shape]);
  const all = Array.from({ length: count }, (_, i) => {
    const value = values ? values[i % values.length]! : draw();
    return dtype === 'float32' ? value : Math.floor(value);
  });
  return tf.tensor(dtype === 'float32' ? Float32Array.from(all) : all, [...shape], dtype);
}

export interface Result {
  readonly shape: number[];
  readonly dtype: tf.DataType;
  readonly values: number[];
}

export type Operation = (...tensors: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

/** What an operation gives on a backend; with the tensors and the memory that it left behind. */
export function resultsOn(
  backend: 'onednn' | 'cpu',
  given: readonly Given[],
  operation: Operation,
): Result[] {
  tf.setBackend(backend);
  const before = [tf.memory().numTensors, addon!.memory().blocks];
  const results = tf.tidy(() => {
    const random = randomNumbers();
    const made = operation(...given.map((one) => make(one, random)));
    return [made].flat().map(({ shape, dtype, ...rest }) => {
      const tensor = { shape, dtype, ...rest } as tf.Tensor;
      return { shape, dtype, values: [...read(tensor)] };
    });
  });
  const after = [tf.memory().numTensors, addon!.memory().blocks];
  if (String(before) !== String(after)) throw new Error(`tensors, blocks: ${before} before, ${after} after`);
  return results;
}

function read(tensor: tf.Tensor): Iterable<number> {
  return tf.engine().readSync(tensor.dataId) as unknown as Iterable<number>;
}

/** What differs between the native result and the cpu backend's; undefined where nothing does. */
export function difference(
  given: readonly Given[],
  operation: Operation,
  tolerance = 1e-6,
): string | undefined {
  const ours = resultsOn('onednn', given, operation);
  const reference = resultsOn('cpu', given, operation);
  if (ours.length !== reference.length) return `${ours.length} tensors, not ${reference.length}`;
  for (const [i, { shape, dtype, values }] of ours.entries()) {
    const wanted = reference[i]!;
    if (String(shape) !== String(wanted.shape)) return `shape [${shape}], not [${wanted.shape}]`;
    if (dtype !== wanted.dtype) return `type ${dtype}, not ${wanted.dtype}`;
    if (values.length !== wanted.values.length) return `${values.length} values, not ${wanted.values.length}`;
    const at = values.findIndex((value, k) => !close(value, wanted.values[k]!, tolerance));
    if (at >= 0) return `value ${at} is ${values[at]}, not ${wanted.values[at]}`;
  }
  return undefined;
}

function close(value: number, wanted: number, tolerance: number): boolean {
  if (Object.is(value, wanted) || value === wanted) return true;
  return Math.abs(value - wanted) <= tolerance * Math.max(1, Math.abs(wanted));
}
