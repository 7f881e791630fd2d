import { beforeAll, describe, it } from 'vitest';
import { openEngine } from '../src/index.ts';
import { hasNative } from './has-native.ts';
import { trainingOpCases } from './training-op-cases.ts';

describe.runIf(hasNative)('fused training ops on onednn', () => {
  beforeAll(() => openEngine({ name: 'onednn' }));

  it.each(trainingOpCases())('$name', ({ check }) => check());
});
