import * as tf from '@tensorflow/tfjs-core';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { CapturedStep, StepBody, StepCapturer } from '../training/capture.ts';
import type { Addon, BlockId, Products } from './addon.ts';
import { NativeStep } from './captured-step.ts';
import { bytesPerElement, HostData, isNumeric } from './host-data.ts';

type DataId = object;

/** Runs native operations on blocks of the addon, and everything else as the cpu backend over the same memory. */
export class OnednnBackend extends MathBackendCPU implements StepCapturer {
  readonly addon: Addon;
  /** The kernel that runs now, for messages. */
  kernel = '';
  #capture: { failure?: string } | undefined;
  #products: Products = 'fp32';

  constructor(addon: Addon) {
    super();
    this.addon = addon;
  }

  /** How products multiply from now on; steps captured under another setting are captured anew. */
  get products(): Products {
    return this.#products;
  }

  set products(products: Products) {
    this.addon.setProducts(products);
    this.#products = products;
  }

  #host(dataId: DataId): HostData {
    return this.data.get(dataId) as unknown as HostData;
  }

  #store(dataId: DataId, data: HostData): void {
    this.data.set(dataId, data as unknown as Parameters<typeof this.data.set>[1]);
  }

  #make(dtype: tf.DataType, refCount: number): HostData {
    return new HostData(this.addon, dtype, refCount, () => this.#onRead());
  }

  /** JavaScript wants values that a native kernel computed: a replay would not go through JavaScript. */
  #onRead(): void {
    if (this.#capture) this.#capture.failure ??= `${this.kernel || 'the step'} reads values in JavaScript`;
  }

  override write(values: tf.backend_util.BackendValues, _shape: number[], dtype: tf.DataType): DataId {
    const dataId = {};
    this.move(dataId, values, _shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: DataId,
    values: tf.backend_util.BackendValues,
    _shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    const data = this.#make(dtype, refCount);
    data.values = values;
    this.#store(dataId, data);
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const data = this.#host(dataId);
    const gone = super.disposeData(dataId, force);
    if (gone) data.release();
    return gone;
  }

  override dispose(): void {
    this.addon.wait();
  }

  /** The block of a tensor, in the tensor's type: a cast of the cpu backend's shares the data of another type. */
  input(tensor: tf.TensorInfo): BlockId {
    return this.#host(tensor.dataId).moveInAs(tensor.dtype);
  }

  /** The block of a tensor that a kernel changes in place. */
  inPlace(tensor: tf.TensorInfo): BlockId {
    return this.#host(tensor.dataId).pin();
  }

  /** A new tensor for a native kernel to write; its values are undefined until then. */
  output(shape: readonly number[], dtype: tf.DataType = 'float32', half = false): tf.TensorInfo {
    const data = this.#make(dtype, 1);
    data.bytes = tf.util.sizeFromShape([...shape]) * bytesPerElement(dtype);
    data.block = half ? this.addon.alloc(data.bytes / 2, true, true) : this.addon.alloc(data.bytes, true);
    data.half = half;
    data.temporary = this.#capture !== undefined;
    const dataId = {};
    this.#store(dataId, data);
    return { dataId, shape: [...shape], dtype };
  }

  /** The same for what is kept between the operations of a training step: in bf16 where the precision is. */
  activation(shape: readonly number[]): tf.TensorInfo {
    return this.output(shape, 'float32', this.#products !== 'fp32');
  }

  /** A tensor with the same data and another shape. */
  alias(tensor: tf.TensorInfo, shape: readonly number[]): tf.TensorInfo {
    this.incRef(tensor.dataId);
    return { dataId: tensor.dataId, shape: [...shape], dtype: tensor.dtype };
  }

  /** A tensor over a block that somebody else also knows. */
  adopt(block: BlockId, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    const data = this.#make(dtype, 1);
    data.bytes = tf.util.sizeFromShape([...shape]) * bytesPerElement(dtype);
    data.block = this.addon.share(block);
    data.pinned = true;
    const dataId = {};
    this.#store(dataId, data);
    return { dataId, shape: [...shape], dtype };
  }

  hostOf(tensor: tf.TensorInfo): HostData {
    return this.#host(tensor.dataId);
  }

  /** Runs one native operation. */
  run(
    operation: string,
    numbers: readonly number[],
    inputs: readonly (tf.TensorInfo | undefined)[],
    outputs: readonly (tf.TensorInfo | undefined)[],
  ): void {
    this.addon.run(
      operation,
      numbers,
      inputs.map((tensor) => (tensor ? this.input(tensor) : 0)),
      outputs.map((tensor) => (tensor ? this.#host(tensor.dataId).block : 0)),
    );
  }

  captureStep(body: StepBody): CapturedStep {
    return new NativeStep(this, body);
  }

  /** Runs `work` while its native operations are recorded. Answers with the program, or why there is none. */
  record<T>(work: () => T): { result: T; program?: number; reason?: string } {
    this.#capture = {};
    this.addon.beginCapture();
    let kept = false;
    try {
      const result = work();
      const reason = this.#capture.failure ?? this.#reassigned();
      kept = true;
      const program = this.addon.endCapture(reason === undefined);
      return { result, ...(program !== undefined && { program }), ...(reason !== undefined && { reason }) };
    } finally {
      if (!kept) this.addon.endCapture(false);
      this.#capture = undefined;
    }
  }

  /** A variable that was given a new tensor: its memory would be written by the first replay only. */
  #reassigned(): string | undefined {
    for (const variable of Object.values(tf.engine().registeredVariables)) {
      if (isNumeric(variable.dtype) && this.data.has(variable.dataId) && this.hostOf(variable).temporary)
        return `the variable ${variable.name} is assigned, not updated in place`;
    }
    return undefined;
  }
}
