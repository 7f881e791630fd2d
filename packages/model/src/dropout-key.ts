import { createHash } from 'node:crypto';

/**
 * The key of the masks that a dropout layer draws at a step: int32 [2]. It is the key that data's `randomBits` derives from
 * this seed and path, so that `seededDropout` drops by exactly its bits.
 */
export function dropoutKey(seed: number, layer: string, step: number): Int32Array {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, 'dropout', layer, step]))
    .digest();
  return Int32Array.of(digest.readInt32LE(0), digest.readInt32LE(4));
}
