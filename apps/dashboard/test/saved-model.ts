import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, sequential, type LayersModel } from '@tensorflow/tfjs-layers';
import type { Dataset } from '@atelier/data';
import type { DatasetRecord, Tracker } from '@atelier/tracker';
import { CLASSES, labels, madeDataset, startRun } from './store.ts';

/** Images whose class shows: a bright bar at a height of its own on a dim ground. */
export function barDataset(count: number): Dataset {
  const base = madeDataset(count);
  const classes = labels(count);
  const images = new Uint8Array(count * 784).map((_, at) => {
    const [index, y] = [Math.floor(at / 784), Math.floor((at % 784) / 28)];
    const lit = Math.floor((y - 4) / 2) === classes[index];
    return lit ? 200 + (index % 50) : (at * 7) % 40;
  });
  const set = { ...base.test, images, labels: classes };
  return { ...base, train: set, test: set };
}

function pixelsOf({ test }: Dataset): tf.Tensor4D {
  return tf.tensor4d(
    Float32Array.from(test.images, (value) => value / 255),
    [test.count, 28, 28, 1],
  );
}

/** A small convolutional model, trained; different seeds and epochs answer differently. */
async function trainModel(dataset: Dataset, seed: number, epochs: number): Promise<LayersModel> {
  await tf.setBackend('cpu');
  const model = sequential({
    layers: [
      layers.conv2d({
        inputShape: [28, 28, 1],
        filters: 4,
        kernelSize: 3,
        strides: 2,
        activation: 'relu',
        kernelInitializer: initializers.glorotUniform({ seed }),
      }),
      layers.flatten(),
      layers.dense({
        units: CLASSES.length,
        activation: 'softmax',
        kernelInitializer: initializers.glorotUniform({ seed }),
      }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  const truth = tf.oneHot(tf.tensor1d([...dataset.test.labels], 'int32'), CLASSES.length);
  await model.fit(pixelsOf(dataset), truth, { epochs, batchSize: 40, shuffle: false, verbose: 0 });
  return model;
}

async function filesOf(model: LayersModel): Promise<{ json: Uint8Array; weights: Uint8Array }> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  const { modelTopology, weightSpecs, weightData } = saved!;
  const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
  return {
    json: new TextEncoder().encode(
      JSON.stringify({ modelTopology, format: 'layers-model', weightsManifest }),
    ),
    weights: new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)),
  };
}

/** A run whose model was really trained: its ledger is what plain TensorFlow.js in Node says of its saved files. */
export async function addTrainedRun(
  tracker: Tracker,
  shape: { readonly name: string; readonly seed: number; readonly epochs: number },
  dataset: Dataset,
  record: DatasetRecord,
): Promise<number> {
  const model = await trainModel(dataset, shape.seed, shape.epochs);
  const probabilities = (await (model.predict(pixelsOf(dataset)) as tf.Tensor).data()) as Float32Array;
  const run = startRun(tracker, { ...shape, accuracy: 1 });
  run.logDataset(record);
  for (const split of ['val', 'test'] as const) {
    run.logPredictions({
      split,
      checkpoint: 'best',
      datasetDigest: record.digest,
      classes: CLASSES.length,
      probabilities,
    });
  }
  const { json, weights } = await filesOf(model);
  run.logArtifact('model/model.json', json, 'application/json');
  run.logArtifact('model/weights.bin', weights, 'application/octet-stream');
  run.finish();
  return run.id;
}
