// Opens a saved model with plain TensorFlow.js in a process of its own, asks it, and prints what it answered as JSON.
// Reads `SmokeTask` on standard input. TensorFlow.js is no dependency of the tracker: it is taken from where it is found.
import { readFileSync } from 'node:fs';
import type { SmokeAnswer, SmokeTask } from './registry-smoke.ts';

interface Tensor {
  readonly shape: number[];
  dataSync(): Float32Array;
  dispose(): void;
}

interface Layers {
  readonly inputs: readonly { readonly shape: readonly (number | null)[] }[];
  predict(input: Tensor): Tensor;
}

/** What is used of TensorFlow.js. */
interface TensorFlow {
  readonly io: { fromMemory(artifacts: object): object };
  setBackend(name: string): Promise<boolean>;
  tensor(values: Float32Array, shape: readonly number[]): Tensor;
}

const SCOPE = '@tensorflow/tfjs';

async function load<T>(name: string): Promise<T> {
  return (await import(`${SCOPE}-${name}`)) as T;
}

/** WebAssembly where it is to be had, else plain JavaScript. */
async function chooseBackend(tf: TensorFlow): Promise<string> {
  for (const name of ['wasm', 'cpu']) {
    try {
      await load(`backend-${name}`);
      if (await tf.setBackend(name)) return name;
    } catch {
      // the next one
    }
  }
  throw new Error('neither @tensorflow/tfjs-backend-wasm nor -cpu is installed');
}

function bytesOf(files: readonly string[]): ArrayBuffer {
  return Uint8Array.from(Buffer.concat(files.map((file) => readFileSync(file)))).buffer;
}

async function open(tf: TensorFlow, task: SmokeTask): Promise<Layers> {
  const { loadLayersModel } = await load<{ loadLayersModel(handler: object): Promise<Layers> }>('layers');
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(task.modelJson, 'utf8')) as {
    modelTopology: object;
    weightsManifest: { weights: object[] }[];
  };
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  return loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData: bytesOf(task.weights) }));
}

function ask(tf: TensorFlow, model: Layers, values: Float32Array, shape: readonly number[]) {
  const input = tf.tensor(values, shape);
  const output = model.predict(input);
  const answer = { shape: [...output.shape], values: [...output.dataSync()] };
  input.dispose();
  output.dispose();
  return answer;
}

/** Times single images until enough calls or too much time have gone by. */
function time(call: () => void, calls: number, limitMs: number): number[] {
  for (let warm = 0; warm < 5; warm++) call();
  const times: number[] = [];
  const end = performance.now() + limitMs;
  while (times.length < calls && (times.length < 20 || performance.now() < end)) {
    const start = performance.now();
    call();
    times.push(performance.now() - start);
  }
  return times;
}

async function answer(task: SmokeTask): Promise<SmokeAnswer> {
  const tf = await load<TensorFlow>('core');
  const backend = await chooseBackend(tf);
  const model = await open(tf, task);
  const shape = model.inputs[0]!.shape.slice(1);
  if (model.inputs.length !== 1 || shape.includes(null)) {
    throw new Error(
      `its inputs are ${JSON.stringify(model.inputs.map((of) => of.shape))}: one of a fixed shape is expected`,
    );
  }
  const one = [1, ...(shape as number[])];
  const zeros = new Float32Array(one.reduce((product, size) => product * size, 1));
  const blank = ask(tf, model, zeros, one);
  const images = task.images && ask(tf, model, Float32Array.from(task.images.values), task.images.shape);
  const first =
    task.images === undefined ? zeros : Float32Array.from(task.images.values.slice(0, zeros.length));
  const times = time(() => void ask(tf, model, first, one), task.calls, 10_000);
  return { backend, inputShape: one, zeros: blank, images, times };
}

const task = JSON.parse(readFileSync(0, 'utf8')) as SmokeTask;
const result = await answer(task).catch((error: unknown) => ({
  error: error instanceof Error ? error.message : String(error),
}));
// NaN has no JSON: it travels as its name
process.stdout.write(
  `\n${JSON.stringify(result, (_, value) => (Number.isNaN(value) ? 'NaN' : (value as unknown)))}\n`,
);
