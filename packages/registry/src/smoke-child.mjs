// Opens a saved model with plain TensorFlow.js in a process of its own, asks it, and prints what it answered as JSON.
// Reads a `SmokeTask` on standard input and writes a `SmokeAnswer` (smoke.ts), or `{ error }`. TensorFlow.js is
// no dependency of this package: it is taken from where it is found. Plain JavaScript, so that it starts without a loader.
import { readFileSync } from 'node:fs';

const load = (name) => import(`@tensorflow/tfjs-${name}`);

/** WebAssembly where it is to be had, else plain JavaScript. */
async function chooseBackend(tf) {
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

async function open(tf, { modelJson, weights }) {
  const { loadLayersModel } = await load('layers');
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(modelJson, 'utf8'));
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  const weightData = Uint8Array.from(Buffer.concat(weights.map((file) => readFileSync(file)))).buffer;
  return loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
}

function ask(tf, model, values, shape) {
  const input = tf.tensor(values, shape);
  const output = model.predict(input);
  const answer = { shape: [...output.shape], values: [...output.dataSync()] };
  input.dispose();
  output.dispose();
  return answer;
}

/** Milliseconds of single calls, until there are enough of them or too much time has gone by. */
function time(call, calls, limitMs) {
  for (let warm = 0; warm < 5; warm++) call();
  const times = [];
  const end = performance.now() + limitMs;
  while (times.length < calls && (times.length < 20 || performance.now() < end)) {
    const start = performance.now();
    call();
    times.push(performance.now() - start);
  }
  return times;
}

async function answer({ images, calls, ...files }) {
  const tf = await load('core');
  const backend = await chooseBackend(tf);
  const model = await open(tf, files);
  const inputs = model.inputs.map((input) => input.shape);
  if (inputs.length !== 1 || inputs[0].slice(1).includes(null)) {
    throw new Error(`its inputs are ${JSON.stringify(inputs)}: one of a fixed shape is expected`);
  }
  const inputShape = [1, ...inputs[0].slice(1)];
  const size = inputShape.reduce((product, length) => product * length, 1);
  const zeros = new Float32Array(size);
  const first = images === undefined ? zeros : Float32Array.from(images.values.slice(0, size));
  return {
    backend,
    inputShape,
    zeros: ask(tf, model, zeros, inputShape),
    images: images && ask(tf, model, Float32Array.from(images.values), images.shape),
    times: time(() => ask(tf, model, first, inputShape), calls, 10_000),
  };
}

const result = await answer(JSON.parse(readFileSync(0, 'utf8'))).catch((error) => ({
  error: error instanceof Error ? error.message : String(error),
}));
// NaN has no JSON: it travels as its name
const named = (_, value) => (Number.isNaN(value) ? 'NaN' : value);
process.stdout.write(`\n${JSON.stringify(result, named)}\n`);
