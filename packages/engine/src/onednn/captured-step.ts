import * as tf from '@tensorflow/tfjs-core';
import type { CapturedStep, StepBody, StepInput, StepInputs, StepOutputs } from '../training/capture.ts';
import type { BlockId, ProgramId } from './addon.ts';
import type { OnednnBackend } from './backend.ts';
import { isNumeric } from './host-data.ts';

/** A variable whose memory a program works in. */
interface BoundVariable {
  readonly variable: tf.Variable;
  /** The step's own number for the block. */
  readonly block: BlockId;
}

interface Recording {
  readonly key: string;
  readonly program: ProgramId;
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly outputs: Readonly<Record<string, tf.Tensor>>;
  readonly variables: readonly BoundVariable[];
}

function dtypeOf(input: StepInput): 'int32' | 'float32' {
  return input.values instanceof Int32Array ? 'int32' : 'float32';
}

/** What a recording is good for: how products multiply, names, types and shapes of the inputs. */
function keyOf(products: string, inputs: StepInputs): string {
  const kinds = Object.entries(inputs).map(([name, input]) => [name, dtypeOf(input), input.shape]);
  return JSON.stringify([products, ...kinds]);
}

/** A step that is recorded the first time it sees its inputs' shapes, and replayed from then on. */
export class NativeStep implements CapturedStep {
  captured = false;
  reason: string | undefined;
  readonly #backend: OnednnBackend;
  readonly #body: StepBody;
  readonly #recordings = new Map<string, Recording>();

  constructor(backend: OnednnBackend, body: StepBody) {
    this.#backend = backend;
    this.#body = body;
  }

  async run(inputs: StepInputs): Promise<StepOutputs> {
    const key = keyOf(this.#backend.products, inputs);
    const recording = this.#recordings.get(key);
    if (recording === undefined || recording.variables.some(({ variable }) => variable.isDisposed))
      return this.#first(key, inputs);
    this.#bind(recording);
    for (const [name, { values }] of Object.entries(inputs))
      this.#backend.addon.write(this.#backend.input(recording.inputs[name]!), values);
    await this.#backend.addon.replay(recording.program);
    return this.#read(recording.outputs);
  }

  /** Time per operation of the recordings since the last call. */
  profile(): { name: string; seconds: number }[] {
    return [...this.#recordings.values()].flatMap(
      ({ program }) => this.#backend.addon.profile(program).steps,
    );
  }

  dispose(): void {
    for (const recording of this.#recordings.values()) this.#forget(recording);
    this.#recordings.clear();
  }

  #forget(recording: Recording): void {
    this.#backend.addon.disposeProgram(recording.program);
    tf.dispose([recording.inputs, recording.outputs] as tf.TensorContainer);
    for (const { block } of recording.variables) this.#backend.addon.release(block);
  }

  #first(key: string, inputs: StepInputs): StepOutputs {
    const stale = this.#recordings.get(key);
    if (stale) this.#forget(stale);
    this.#recordings.delete(key);
    // once a step could not be recorded it will not be the next time either
    if (this.reason !== undefined) return this.#plain(inputs);
    const tensors = Object.fromEntries(
      Object.entries(inputs).map(([name, input]) => [name, this.#tensor(input)]),
    );
    for (const variable of this.#numericVariables()) this.#backend.inPlace(variable);
    const { result, program, reason } = this.#backend.record(() =>
      tf.tidy(() => this.#body(tensors) as tf.NamedTensorMap),
    );
    for (const tensor of Object.values(result)) tf.keep(tensor);
    const outputs = this.#read(result);
    this.reason = reason;
    this.captured = program !== undefined;
    if (program === undefined) tf.dispose([tensors, result] as tf.TensorContainer);
    else
      this.#recordings.set(key, {
        key,
        program,
        inputs: tensors,
        outputs: result,
        variables: this.#variables(),
      });
    return outputs;
  }

  #plain(inputs: StepInputs): StepOutputs {
    const result = tf.tidy(() => {
      const tensors = Object.entries(inputs).map(([name, input]) => [name, this.#tensor(input)] as const);
      const outputs = this.#body(Object.fromEntries(tensors)) as tf.NamedTensorMap;
      tf.dispose(tensors.map(([, tensor]) => tensor).filter((t) => !Object.values(outputs).includes(t)));
      return outputs;
    });
    const outputs = this.#read(result);
    tf.dispose(result);
    return outputs;
  }

  /** A tensor with memory of its own, which later inputs are written into. */
  #tensor(input: StepInput): tf.Tensor {
    const tensor = tf.keep(tf.tensor(input.values.slice(), [...input.shape], dtypeOf(input)));
    this.#backend.inPlace(tensor);
    return tensor;
  }

  #read(tensors: Readonly<Record<string, tf.Tensor>>): StepOutputs {
    const read = Object.entries(tensors).map(([name, tensor]) => {
      const values = tensor.dtype === 'float32' ? new Float32Array(tensor.size) : new Int32Array(tensor.size);
      if (tensor.dtype === 'bool') values.set(tensor.dataSync());
      else this.#backend.addon.read(this.#backend.input(tensor), values);
      return [name, values] as const;
    });
    return Object.fromEntries(read);
  }

  #numericVariables(): tf.Variable[] {
    return Object.values(tf.engine().registeredVariables).filter(
      (variable) => isNumeric(variable.dtype) && this.#backend.refCount(variable.dataId) > 0,
    );
  }

  #variables(): BoundVariable[] {
    const { addon } = this.#backend;
    return this.#numericVariables()
      .filter((variable) => this.#backend.hostOf(variable).block !== 0)
      .map((variable) => ({ variable, block: addon.share(this.#backend.hostOf(variable).block) }));
  }

  /**
   * Puts the variables' values where the program works: one may have been assigned since (a checkpoint restored), and a
   * clone of one must keep its values while the replay changes them.
   */
  #bind(recording: Recording): void {
    const { addon } = this.#backend;
    for (const { variable, block } of recording.variables) {
      const data = this.#backend.hostOf(variable);
      const here = data.block !== 0 && addon.same(data.block, block);
      if (here && data.refCount === 1) continue;
      if (here) data.moveAway();
      else data.copyTo(block);
      const own = this.#backend.adopt(block, variable.shape, variable.dtype);
      const tensor = tf.engine().makeTensorFromTensorInfo(own);
      variable.assign(tensor);
      tensor.dispose();
    }
  }
}
