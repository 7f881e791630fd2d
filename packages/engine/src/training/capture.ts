import * as tf from '@tensorflow/tfjs-core';

/** An input of a step: numbers in row-major order. Float32Array gives a float32 tensor, Int32Array an int32 one. */
export interface StepInput {
  readonly values: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

export type StepInputs = Readonly<Record<string, StepInput>>;
export type StepOutputs = Record<string, Float32Array | Int32Array>;

/**
 * What a step computes: a pure function of its inputs and of variables that it updates in place. It reads no tensor's
 * values (`dataSync`), runs the same ops for inputs of the same shapes, and creates no variables. What changes from step to
 * step is an input: numbers, tensors and random draws from JavaScript are asked for in the first runs only. Where these
 * differ from one of the first runs to the next, or come from `Math.random`, the step is not captured.
 */
export type StepBody = (inputs: Readonly<Record<string, tf.Tensor>>) => Readonly<Record<string, tf.Tensor>>;

/** A step that can be run again and again. */
export interface CapturedStep {
  /**
   * Runs the step and copies its outputs out. One run at a time; the inputs' arrays must not change until it is over.
   * Other shapes than before are no error: they are captured anew.
   */
  run(inputs: StepInputs): Promise<StepOutputs>;
  /** Whether the steps are replayed without JavaScript in between. Known after the second run. */
  readonly captured: boolean;
  /** Why not, where they are not. */
  readonly reason?: string | undefined;
  /** Frees what the capture holds; the variables stay. */
  dispose(): void;
}

/** A TensorFlow.js backend that can record a step and replay it. */
export interface StepCapturer {
  captureStep(body: StepBody): CapturedStep;
}

function isCapturer(backend: unknown): backend is StepCapturer {
  return typeof (backend as Partial<StepCapturer>).captureStep === 'function';
}

/** Makes a step of `body`: captured where the active engine can, else run op by op each time. */
export function captureStep(body: StepBody): CapturedStep {
  const backend: unknown = tf.backend();
  return isCapturer(backend) ? backend.captureStep(body) : new PlainStep(body);
}

function tensorOf({ values, shape }: StepInput): tf.Tensor {
  return tf.tensor(values, [...shape], values instanceof Int32Array ? 'int32' : 'float32');
}

/** The step run op by op. */
class PlainStep implements CapturedStep {
  readonly captured = false;
  readonly reason = `the ${tf.getBackend()} backend runs steps op by op`;
  readonly #body: StepBody;

  constructor(body: StepBody) {
    this.#body = body;
  }

  async run(inputs: StepInputs): Promise<StepOutputs> {
    const outputs = tf.tidy(() => {
      const tensors = Object.entries(inputs).map(([name, input]) => [name, tensorOf(input)] as const);
      return this.#body(Object.fromEntries(tensors)) as tf.NamedTensorMap;
    });
    try {
      const read = Object.entries(outputs).map(async ([name, tensor]) => {
        const values = (await tensor.data()) as Float32Array | Int32Array;
        return [name, values.slice()] as const;
      });
      return Object.fromEntries(await Promise.all(read));
    } finally {
      tf.dispose(outputs);
    }
  }

  dispose(): void {
    // holds nothing
  }
}
