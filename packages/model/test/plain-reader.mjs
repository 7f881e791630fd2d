// Opens a saved model with nothing of ours: reads {folder, shape, images} on stdin, prints the probabilities.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const { folder, shape, images } = JSON.parse(readFileSync(0, 'utf8'));
await tf.setBackend('cpu');
const { modelTopology, weightsManifest } = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
const weightData = Uint8Array.from(readFileSync(join(folder, weightsManifest[0].paths[0]))).buffer;
const weightSpecs = weightsManifest.flatMap((group) => group.weights);
const model = await loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
const probabilities = model.predict(tf.tensor(images, shape));
process.stdout.write(JSON.stringify([...probabilities.dataSync()]));
