import { Worker } from 'node:worker_threads';
import { startThread } from '@atelier/start';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { pixels } from '../../test/fixture.ts';
import { AugmentThread } from './augment-thread.ts';
import { type AugmentSource, sharedBuffers } from './augmenter.ts';
import { AugmentSpec } from './spec.ts';

vi.mock('@atelier/start', { spy: true });

const source: AugmentSource = {
  pixels: pixels(20 * 12),
  shape: { height: 4, width: 3, channels: 1 },
  indices: Uint32Array.from({ length: 20 }, (_, i) => i),
  labels: new Uint8Array(20),
  classes: 2,
};
const spec = AugmentSpec.parse({ flip: 'random', translate: 1, mixup: 0.5 });

function threadWith(threaded: boolean) {
  const buffers = [sharedBuffers(source, 20, spec)];
  return { buffers, thread: new AugmentThread({ source, spec, seed: 1, buffers }, threaded) };
}

async function fill({ buffers, thread }: ReturnType<typeof threadWith>) {
  await thread.fill({ slot: 0, positions: source.indices, epoch: 1 });
  return [...buffers[0]!.images, ...buffers[0]!.targets!];
}

describe('the thread that augments', () => {
  beforeEach(() => void vi.mocked(startThread).mockReset());

  it('gives the bits that are made here', async () => {
    const beside = threadWith(true);
    const here = threadWith(false);
    expect(await fill(beside)).toEqual(await fill(here));
    expect([beside.thread.threaded, here.thread.threaded]).toEqual([true, false]);
    beside.thread[Symbol.dispose]();
  });

  it.each([
    ['cannot be started', () => expect.fail('no threads here')],
    ['dies at its first batch', () => new Worker(`throw new Error('gone')`, { eval: true })],
    ['ends at its first batch', () => new Worker(`process.exit(3)`, { eval: true })],
  ])('is done without where it %s', async (_, start) => {
    vi.mocked(startThread).mockImplementation(start);
    const lost = threadWith(true);
    expect(await fill(lost)).toEqual(await fill(threadWith(false)));
    expect(lost.thread.threaded).toBe(false);
    expect(await fill(lost)).toEqual(await fill(threadWith(false)));
  });

  it('lets go of whoever waits when it is closed', async () => {
    const { thread } = threadWith(true);
    const waiting = thread.fill({ slot: 0, positions: source.indices, epoch: 1 });
    thread[Symbol.dispose]();
    await waiting;
  });
});
