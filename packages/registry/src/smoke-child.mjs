// Opens a saved model with plain TensorFlow.js in a process of its own, asks it, and prints what it answered as JSON.
// Reads a `SmokeTask` in a line and the bytes of the images on standard input, and writes a `SmokeAnswer` (smoke.ts), or `{ error }`. TensorFlow.js is
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

const BATCH = 250;

/** Answers to bytes of images, which are read as [0, 1], until all are asked or too much time has gone by. */
function askAll(tf, model, bytes, [count, ...shape], limitMs) {
  const size = shape.reduce((product, length) => product * length, 1);
  const end = performance.now() + limitMs;
  const answers = [];
  let asked = 0;
  let width = 0;
  while (asked < count && performance.now() < end) {
    const batch = bytes.subarray(asked * size, Math.min(count, asked + BATCH) * size);
    const rows = batch.length / size;
    const answer = ask(
      tf,
      model,
      Float32Array.from(batch, (value) => value / 255),
      [rows, ...shape],
    );
    if (answer.shape.length !== 2 || answer.shape[0] !== rows)
      throw new Error(`${rows} images gave the shape [${answer.shape.join(', ')}]`);
    width = answer.shape[1];
    answers.push(Float32Array.from(answer.values));
    asked += rows;
  }
  const float32 = Buffer.concat(answers.map(({ buffer }) => Buffer.from(buffer))).toString('base64');
  return { shape: [asked, width], float32 };
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

async function answer({ images, patience, calls, ...files }, bytes) {
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
  const first =
    images === undefined ? zeros : Float32Array.from(bytes.subarray(0, size), (value) => value / 255);
  return {
    backend,
    inputShape,
    zeros: ask(tf, model, zeros, inputShape),
    images: images && askAll(tf, model, bytes, images, patience),
    times: time(() => ask(tf, model, first, inputShape), calls, 10_000),
  };
}

const input = readFileSync(0);
const end = input.indexOf('\n');
const task = JSON.parse(input.subarray(0, end).toString('utf8'));
const result = await answer(task, input.subarray(end + 1)).catch((error) => ({
  error: error instanceof Error ? error.message : String(error),
}));
// NaN has no JSON: it travels as its name
const named = (_, value) => (Number.isNaN(value) ? 'NaN' : value);
process.stdout.write(`\n${JSON.stringify(result, named)}\n`);
