import { beforeAll, describe, it } from 'vitest';
import { openEngine } from '../src/index.ts';
import { BF16 } from './bf16.ts';
import { hasNative } from './has-native.ts';
import { trainingOpCases } from './training-op-cases.ts';

describe.runIf(hasNative)('fused training ops on onednn in bf16', () => {
  beforeAll(() => openEngine({ name: 'onednn', precision: 'bf16' }));

  it.each(trainingOpCases(BF16))('$name', ({ check }) => check());
});
