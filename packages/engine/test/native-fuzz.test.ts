import { describe, expect, it } from 'vitest';
import { fuzz } from '../sanitize/fuzz.ts';
import { loadOnednn } from '../src/onednn/load.ts';
import { hasNative } from './has-native.ts';

describe.runIf(hasNative)('the native library called in wrong ways', () => {
  it('returns or throws an Error, in and out of captures', { timeout: 120_000 }, async () => {
    const addon = loadOnednn();
    const before = addon.memory().blocks;
    const { failures, taken, refused, replays } = await fuzz(addon, { rounds: 3000, seed: 11 });
    expect(failures).toEqual([]);
    expect(addon.memory().blocks).toBe(before);
    expect([taken > 500, refused > 1000, replays > 100]).toEqual([true, true, true]);
  });
});
