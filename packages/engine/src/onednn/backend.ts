import * as tf from '@tensorflow/tfjs-core';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { CapturedStep, StepBody, StepCapturer } from '../training/capture.ts';
import type { Addon, BlockId, ProgramId, Products } from './addon.ts';
import { NativeStep } from './captured-step.ts';
import { bytesPerElement, HostData, isNumeric } from './host-data.ts';
import { drawsRandom, Trace, watched, type WatchedAddon } from './trace.ts';

type DataId = object;

/** Runs native operations on blocks of the addon, and everything else as the cpu backend over the same memory. */
export class OnednnBackend extends MathBackendCPU implements StepCapturer {
  readonly addon: WatchedAddon;
  /** The kernel that runs now, for messages. */
  kernel = '';
  #capture: { readonly trace: Trace; failure?: string } | undefined;
  #products: Products = 'fp32';

  constructor(addon: Addon) {
    super();
    this.addon = watched(addon, this);
  }

  /** What a step asks of the addon, while it runs as one. */
  get trace(): Trace | undefined {
    return this.#capture?.trace;
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
    const data = new HostData(this.addon, dtype, refCount, () => this.#onRead());
    data.ofStep = this.#capture !== undefined;
    return data;
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
    data.temporary = data.ofStep;
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

  /**
   * Runs `work`, the body of a step, and says what it asked of the addon, or why it cannot be replayed. `keep` records its
   * native operations; what it answers with then decides whether the program is kept.
   * @param known names of blocks that are others in every run: the inputs
   */
  record<T>(
    work: () => T,
    known: ReadonlyMap<BlockId, string>,
    keep?: (trace: Trace) => boolean,
  ): { result: T; trace: Trace; program?: ProgramId; reason?: string } {
    const before = this.#variables();
    const names = before.map(({ name, dataId }) => [this.#host(dataId).block, `variable ${name}`] as const);
    const capture: { trace: Trace; failure?: string } = { trace: new Trace(new Map([...names, ...known])) };
    this.#capture = capture;
    if (keep) this.addon.beginCapture();
    let kept = false;
    try {
      const { result, random } = drawsRandom(work);
      if (random) capture.failure ??= RANDOM;
      const reason = capture.failure ?? this.#reassigned(before);
      this.#capture = undefined;
      kept = keep !== undefined && reason === undefined && keep(capture.trace);
      const program = keep && this.addon.endCapture(kept);
      return { result, trace: capture.trace, ...(program && { program }), ...(reason && { reason }) };
    } catch (error) {
      if (keep) this.addon.endCapture(false);
      throw error;
    } finally {
      this.#capture = undefined;
    }
  }

  #variables(): { variable: tf.Variable; name: string; dataId: DataId }[] {
    return Object.values(tf.engine().registeredVariables)
      .filter(({ dtype, dataId }) => isNumeric(dtype) && this.data.has(dataId))
      .map((variable) => ({ variable, name: variable.name, dataId: variable.dataId }));
  }

  /** A variable that was given another tensor: a replay would not give it one. */
  #reassigned(before: readonly { variable: tf.Variable; dataId: DataId }[]): string | undefined {
    const moved = before.find(({ variable, dataId }) => !variable.isDisposed && variable.dataId !== dataId);
    const made = this.#variables().find(({ dataId }) => this.#host(dataId).temporary);
    const name = moved?.variable.name ?? made?.name;
    return name && `the variable ${name} is assigned, not updated in place`;
  }
}

const RANDOM =
  'the step draws random numbers in JavaScript, as tf.dropout and tf.randomNormal do without a seed: ' +
  'use seededDropout with a key, or pass the numbers as inputs';
