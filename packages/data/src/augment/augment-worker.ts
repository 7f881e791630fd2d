import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadData, ThreadRequest } from './augment-thread.ts';
import { Augmenter } from './augmenter.ts';

const { source, spec, seed, buffers } = workerData as ThreadData;
const augmenter = new Augmenter(source, spec, seed);

parentPort!.on('message', ({ slot, positions, epoch }: ThreadRequest) => {
  augmenter.fill(positions, epoch, buffers[slot]!);
  parentPort!.postMessage(slot);
});
