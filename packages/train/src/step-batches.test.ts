import { batches, randomStream } from '@atelier/data';
import { describe, expect, it } from 'vitest';
import { splits } from '../test/tiny-training.ts';
import { stepBatches } from './step-batches.ts';

describe('stepBatches', () => {
  it.each([7, 20, 120])('gives what batches of %d give', (batchSize) => {
    const options = () => ({ batchSize, shuffle: randomStream(3, 'shuffle') });
    const expected = [...batches(splits.train, options())];
    let at = 0;
    for (const { images, labels, count } of stepBatches(splits.train, options())) {
      const batch = expected[at++]!;
      expect(count).toBe(batch.count);
      expect(images.shape).toEqual([count, 8, 8, 1]);
      expect(images.values).toEqual(batch.images);
      expect([...labels.values]).toEqual([...batch.labels]);
    }
    expect(at).toBe(expected.length);
  });

  it('leaves a batch alone while the next is prepared', () => {
    const waiting = stepBatches(splits.train, { batchSize: 50 });
    const first = waiting.next().value!;
    const before = first.images.values.slice();
    waiting.next();
    expect(first.images.values).toEqual(before);
  });

  it('scales every pixel value as a division does', () => {
    for (let value = 0; value < 256; value++)
      expect(Math.fround(value * (1 / 255))).toBe(Math.fround(value / 255));
  });
});
