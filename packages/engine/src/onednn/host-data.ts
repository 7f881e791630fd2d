import type * as tf from '@tensorflow/tfjs-core';
import type { BlockId } from './addon.ts';
import type { WatchedAddon } from './trace.ts';

type Values = Float32Array | Int32Array | Uint8Array;

/** Whether tensors of this type live in the addon's memory; strings and complex numbers stay in JavaScript. */
export function isNumeric(dtype: tf.DataType): dtype is 'float32' | 'int32' | 'bool' {
  return dtype === 'float32' || dtype === 'int32' || dtype === 'bool';
}

export function bytesPerElement(dtype: tf.DataType): number {
  return dtype === 'bool' ? 1 : 4;
}

/** The number that native/elements.h knows the type by. */
export function typeCode(dtype: tf.DataType): number {
  if (!isNumeric(dtype)) throw new TypeError(`tensors of type ${dtype} have no native kernels`);
  return { float32: 0, int32: 1, bool: 2 }[dtype];
}

function typed(dtype: tf.DataType, buffer: ArrayBuffer): Values {
  if (dtype === 'bool') return new Uint8Array(buffer);
  return dtype === 'int32' ? new Int32Array(buffer) : new Float32Array(buffer);
}

/**
 * The data behind a tensor, in the shape that the kernels of the cpu backend expect: they read `values`. It is where the
 * tensor was made: an array of JavaScript's, or a block of the addon's, moved there when a native kernel first needs it.
 */
export class HostData {
  refCount: number;
  readonly dtype: tf.DataType;
  complexTensorInfos?: { real: tf.TensorInfo; imag: tf.TensorInfo };
  /** The addon's block; 0 while the values are JavaScript's. */
  block: BlockId = 0;
  bytes = 0;
  /** Computed by a native kernel while a step was captured. */
  temporary = false;
  /** Made while a step was watched: values of JavaScript's in it are part of what the step does. */
  ofStep = false;
  /** The block holds bf16: native kernels take it as it is, JavaScript sees floats. */
  half = false;
  /** Changed in place by native code: JavaScript gets copies, never views. */
  pinned = false;
  readonly #addon: WatchedAddon;
  readonly #onRead: (data: HostData) => void;
  #values: tf.backend_util.BackendValues | undefined;
  #converted: BlockId = 0;

  constructor(addon: WatchedAddon, dtype: tf.DataType, refCount: number, onRead: (data: HostData) => void) {
    this.#addon = addon;
    this.dtype = dtype;
    this.refCount = refCount;
    this.#onRead = onRead;
  }

  get values(): tf.backend_util.BackendValues | undefined {
    if (this.block === 0) return this.#values;
    this.#onRead(this);
    if (this.pinned || this.half) return this.#copy();
    this.#values ??= typed(this.dtype, this.#addon.view(this.block, this.bytes));
    return this.#values;
  }

  set values(values: tf.backend_util.BackendValues | undefined) {
    this.release();
    this.#values = values;
  }

  /** The block, made of JavaScript's values where there is none yet. */
  moveIn(): BlockId {
    if (this.block === 0) {
      const values = this.#ofType();
      this.bytes = values.byteLength;
      const addon = this.ofStep ? this.#addon : this.#addon.unwatched;
      this.block = addon.alloc(this.bytes, false);
      addon.write(this.block, values);
      this.#values = undefined;
    }
    return this.block;
  }

  /** The block with the values in another type; one per data, good until the next such call. */
  moveInAs(dtype: tf.DataType): BlockId {
    const block = this.moveIn();
    if (dtype === this.dtype) return block;
    const count = this.bytes / bytesPerElement(this.dtype);
    const converted = this.#addon.alloc(count * bytesPerElement(dtype), true);
    this.#addon.run('cast', [count, typeCode(this.dtype), typeCode(dtype)], [block], [converted]);
    this.#dropConverted();
    this.#converted = converted;
    return converted;
  }

  #dropConverted(): void {
    if (this.#converted !== 0) this.#addon.release(this.#converted);
    this.#converted = 0;
  }

  /** The block for a native kernel that changes it in place. An array that a caller has seen keeps its values. */
  pin(): BlockId {
    this.moveIn();
    if (this.#values !== undefined || this.half) this.moveAway();
    this.pinned = true;
    return this.block;
  }

  /** Copies the values to a block that nobody else knows. */
  moveAway(): void {
    const fresh = this.#addon.alloc(this.bytes, false);
    this.copyTo(fresh);
    this.#addon.release(this.block);
    this.block = fresh;
    this.half = false;
    this.#values = undefined;
    this.pinned = false;
  }

  /** Writes the values, as JavaScript sees them, into another block. */
  copyTo(block: BlockId): void {
    const from = this.moveIn();
    if (this.half) this.#addon.run('fromBf16', [this.bytes / bytesPerElement(this.dtype)], [from], [block]);
    else this.#addon.run('copy', [this.bytes], [from], [block]);
  }

  release(): void {
    if (this.block !== 0) this.#addon.release(this.block);
    this.#dropConverted();
    this.block = 0;
    this.half = false;
    this.#values = undefined;
    this.pinned = false;
  }

  #copy(): Values {
    const values = typed(this.dtype, new ArrayBuffer(this.bytes));
    this.#addon.read(this.block, values);
    return values;
  }

  /** JavaScript's values as the array that their type has natively; TensorFlow.js also passes plain lists of numbers. */
  #ofType(): Values {
    const values = this.#values as ArrayLike<number>;
    if (this.dtype === 'float32') return values instanceof Float32Array ? values : Float32Array.from(values);
    if (this.dtype === 'int32') return values instanceof Int32Array ? values : Int32Array.from(values);
    return values instanceof Uint8Array ? values : Uint8Array.from(values);
  }
}
