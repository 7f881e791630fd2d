import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plainWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simdWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import type { Candidate } from '../../api/try.ts';
import { SIDE, type Pixels } from './images.ts';

let ready: Promise<string> | undefined;

/** WebAssembly without threads (those need headers this page does not send), else plain JavaScript. */
async function startBackend(): Promise<string> {
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  setWasmPaths({
    'tfjs-backend-wasm.wasm': plainWasm,
    'tfjs-backend-wasm-simd.wasm': simdWasm,
    // never asked for: threads are off, but the map has to be complete
    'tfjs-backend-wasm-threaded-simd.wasm': simdWasm,
  });
  if (!(await tf.setBackend('wasm').catch(() => false))) await tf.setBackend('cpu');
  await tf.ready();
  return tf.getBackend() === 'wasm' ? 'WebAssembly' : 'JavaScript';
}

/** Loads TensorFlow.js once. @returns what it computes with. */
export const engine = (): Promise<string> => (ready ??= startBackend());

interface ModelJson {
  readonly modelTopology: object;
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: tf.io.WeightsManifestEntry[];
  }[];
}

const models = new Map<string, Promise<LayersModel>>();

async function fetched(candidate: Candidate, name: string): Promise<Response> {
  const path = `${candidate.folder}${name}`.split('/').map(encodeURIComponent).join('/');
  const response = await fetch(`/api/runs/${candidate.runId}/artifacts/${path}`);
  if (response.ok) return response;
  const { message } = (await response.json()) as { message: string };
  throw new Error(`${candidate.label}: ${message}`);
}

function checkShape(candidate: Candidate, model: LayersModel): void {
  const shape = model.inputs[0]?.shape ?? [];
  if (model.inputs.length === 1 && shape[1] === SIDE && shape[2] === SIDE && shape[3] === 1) return;
  const got = shape.map((size) => size ?? 'any').join(' × ');
  throw new Error(`${candidate.label} takes ${got}; this page has ${SIDE} × ${SIDE} grey images`);
}

async function load(candidate: Candidate): Promise<LayersModel> {
  const json = (await (await fetched(candidate, 'model.json')).json()) as ModelJson;
  const names = json.weightsManifest.flatMap(({ paths }) => paths);
  const parts = await Promise.all(names.map(async (name) => (await fetched(candidate, name)).arrayBuffer()));
  const weightData = await new Blob(parts).arrayBuffer();
  const weightSpecs = json.weightsManifest.flatMap(({ weights }) => weights);
  await engine();
  const model = await loadLayersModel(
    tf.io.fromMemory({ modelTopology: json.modelTopology, weightSpecs, weightData }),
  );
  checkShape(candidate, model);
  return model;
}

/** A saved model, opened once. @throws Error in words where it cannot be had or takes other images. */
export function openModel(candidate: Candidate): Promise<LayersModel> {
  const known = models.get(candidate.key);
  if (known !== undefined) return known;
  const loading = load(candidate);
  models.set(candidate.key, loading);
  loading.catch(() => models.delete(candidate.key));
  return loading;
}

/** Probabilities of each image, `[images][classes]`. */
export async function predict(model: LayersModel, images: readonly Pixels[]): Promise<number[][]> {
  const all = new Float32Array(images.length * SIDE * SIDE);
  images.forEach((image, at) => all.set(image, at * SIDE * SIDE));
  const answer = tf.tidy(
    () => model.predict(tf.tensor4d(all, [images.length, SIDE, SIDE, 1])) as tf.Tensor2D,
  );
  const rows = await answer.array();
  answer.dispose();
  return rows;
}

export interface Timed {
  readonly probabilities: number[];
  /** Median of {@link CALLS} calls with one image after a first that is not counted, milliseconds. */
  readonly latency: number;
}
const CALLS = 5;

export async function answerTimed(model: LayersModel, image: Pixels): Promise<Timed> {
  const [probabilities] = await predict(model, [image]);
  const times: number[] = [];
  for (let call = 0; call < CALLS; call++) {
    const start = performance.now();
    await predict(model, [image]);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { probabilities: probabilities ?? [], latency: times[Math.floor(CALLS / 2)]! };
}
