import * as tf from '@tensorflow/tfjs-core';
import type { CapturedStep, StepBody, StepInput, StepInputs, StepOutputs } from '../training/capture.ts';
import type { BlockId, ProgramId } from './addon.ts';
import type { OnednnBackend } from './backend.ts';
import { isNumeric } from './host-data.ts';
import type { Trace } from './trace.ts';

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

/** Runs of a step with the same kinds of inputs, before it is replayed. */
interface Trials {
  readonly last: Trace;
  readonly count: number;
}

/** One more than it needs: the first run may fill caches (tensors made once and kept). */
const MOST_TRIALS = 3;

/**
 * A step that is watched, recorded, and replayed from then on: a run is recorded only where it asked the same of the addon
 * as the run before it, operation by operation, with the same numbers, the same operands and the same values from
 * JavaScript. What changes from step to step on its own (random numbers, counters) is thus never frozen.
 */
export class NativeStep implements CapturedStep {
  reason: string | undefined;
  readonly #backend: OnednnBackend;
  readonly #body: StepBody;
  readonly #recordings = new Map<string, Recording>();
  readonly #trials = new Map<string, Trials>();

  constructor(backend: OnednnBackend, body: StepBody) {
    this.#backend = backend;
    this.#body = body;
  }

  get captured(): boolean {
    return this.reason === undefined && this.#recordings.size > 0;
  }

  async run(inputs: StepInputs): Promise<StepOutputs> {
    const key = keyOf(this.#backend.products, inputs);
    const recording = this.#recordings.get(key);
    if (recording === undefined || recording.variables.some(({ variable }) => variable.isDisposed))
      return this.#trial(key, inputs);
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
    this.#trials.clear();
  }

  #forget(recording: Recording): void {
    this.#backend.addon.disposeProgram(recording.program);
    tf.dispose([recording.inputs, recording.outputs] as tf.TensorContainer);
    for (const { block } of recording.variables) this.#backend.addon.release(block);
  }

  #trial(key: string, inputs: StepInputs): StepOutputs {
    const stale = this.#recordings.get(key);
    if (stale) this.#forget(stale);
    this.#recordings.delete(key);
    // once a step could not be recorded it will not be the next time either
    if (this.reason !== undefined) return this.#plain(inputs);
    const tensors = Object.fromEntries(
      Object.entries(inputs).map(([name, input]) => [name, this.#tensor(input)]),
    );
    for (const variable of this.#numericVariables()) this.#backend.inPlace(variable);
    const before = this.#trials.get(key);
    const { result, trace, program, reason } = this.#backend.record(
      () => this.#watchedBody(tensors),
      new Map(
        Object.entries(tensors).map(([name, tensor]) => [this.#backend.input(tensor), `input ${name}`]),
      ),
      before && ((trace) => before.last.differsAt(trace) === undefined),
    );
    const outputs = this.#read(result);
    this.reason = reason;
    if (program === undefined) {
      tf.dispose([tensors, result] as tf.TensorContainer);
      this.#tried(key, before, trace);
    } else {
      const variables = this.#variables();
      this.#recordings.set(key, { key, program, inputs: tensors, outputs: result, variables });
      this.#trials.delete(key);
    }
    return outputs;
  }

  /** The body, with results in native memory: those that JavaScript made are part of what it does, too. */
  #watchedBody(tensors: Readonly<Record<string, tf.Tensor>>): tf.NamedTensorMap {
    const result = tf.tidy(() => this.#body(tensors) as tf.NamedTensorMap);
    for (const [name, tensor] of Object.entries(result)) {
      this.#backend.kernel = `the output ${name}`;
      this.#backend.trace?.note(
        this.#backend.trace.nameOf(this.#backend.input(tf.keep(tensor))),
        `the output ${name}`,
      );
    }
    return result;
  }

  #tried(key: string, before: Trials | undefined, last: Trace): void {
    const count = (before?.count ?? 0) + 1;
    if (before && count === MOST_TRIALS)
      this.reason ??=
        `${before.last.differsAt(last)} gets other numbers, values or tensors from JavaScript at each step: ` +
        'pass what changes as inputs of the step';
    if (this.reason === undefined) this.#trials.set(key, { last, count });
    else this.#trials.clear();
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
