import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelFileInvalid } from './errors.ts';

/** One file of a saved model; `path` counts from the model's folder. */
export interface ModelFile {
  readonly path: 'model.json' | 'weights.bin';
  readonly bytes: Uint8Array;
}

/** What stands in `model.json`, the layers format of TensorFlow.js. */
interface ModelJson {
  readonly modelTopology: object;
  readonly format: string;
  readonly generatedBy: string;
  readonly convertedBy: null;
  readonly weightsManifest: readonly { paths: string[]; weights: tf.io.WeightsManifestEntry[] }[];
}

function filesOf(artifacts: tf.io.ModelArtifacts): ModelFile[] {
  const weights = tf.io.CompositeArrayBuffer.join(artifacts.weightData);
  const json: ModelJson = {
    modelTopology: artifacts.modelTopology as object,
    format: 'layers-model',
    generatedBy: artifacts.generatedBy ?? 'TensorFlow.js',
    convertedBy: null,
    weightsManifest: [{ paths: ['weights.bin'], weights: artifacts.weightSpecs ?? [] }],
  };
  return [
    { path: 'model.json', bytes: new TextEncoder().encode(JSON.stringify(json)) },
    { path: 'weights.bin', bytes: new Uint8Array(weights) },
  ];
}

/** The model as two files in memory, which plain @tensorflow/tfjs-layers opens. */
export async function saveModel(model: LayersModel): Promise<ModelFile[]> {
  let files: ModelFile[] = [];
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    files = filesOf(artifacts);
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  });
  await model.save(handler);
  return files;
}

/** Writes the model's files into `folder`, each whole or not at all. */
export async function writeModel(model: LayersModel, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { path, bytes } of await saveModel(model)) {
    const partial = join(folder, `.${path}.${process.pid}`);
    await writeFile(partial, bytes);
    await rename(partial, join(folder, path));
  }
}

async function readFiles(folder: string): Promise<ModelFile[]> {
  const read = async (path: ModelFile['path']): Promise<ModelFile> => {
    const bytes = await readFile(join(folder, path)).catch((cause: unknown) => {
      throw new ModelFileInvalid(join(folder, path), 'cannot be read', { cause });
    });
    return { path, bytes };
  };
  return Promise.all([read('model.json'), read('weights.bin')]);
}

function bytesOf(files: readonly ModelFile[], path: ModelFile['path']): Uint8Array {
  const file = files.find((candidate) => candidate.path === path);
  if (file === undefined) throw new ModelFileInvalid(path, 'missing from the saved model');
  return file.bytes;
}

function parseJson(bytes: Uint8Array): ModelJson {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as ModelJson;
  } catch (cause) {
    throw new ModelFileInvalid('model.json', 'is not JSON', { cause });
  }
}

/**
 * Opens a model saved by `saveModel`, from memory or from a folder. Dropout and batch normalisation come back as
 * the standard layers: it predicts, and can be trained on, but draws its own dropout masks.
 * @throws ModelFileInvalid naming the file that is missing, damaged, or does not belong to the other one
 */
export async function loadModel(source: string | readonly ModelFile[]): Promise<LayersModel> {
  const files = typeof source === 'string' ? await readFiles(source) : source;
  const json = parseJson(bytesOf(files, 'model.json'));
  const weightSpecs = json.weightsManifest?.flatMap((group) => group.weights) ?? [];
  const weights = bytesOf(files, 'weights.bin');
  const expected = weightSpecs.reduce((sum, { shape }) => sum + 4 * tf.util.sizeFromShape(shape), 0);
  if (expected !== weights.byteLength) {
    throw new ModelFileInvalid('weights.bin', `expected ${expected} bytes, got ${weights.byteLength}`);
  }
  const weightData = Uint8Array.from(weights).buffer;
  return loadLayersModel(tf.io.fromMemory({ modelTopology: json.modelTopology, weightSpecs, weightData }));
}
