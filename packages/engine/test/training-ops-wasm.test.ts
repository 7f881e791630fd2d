import { beforeAll, describe, it } from 'vitest';
import { openEngine } from '../src/index.ts';
import { trainingOpCases } from './training-op-cases.ts';

beforeAll(() => openEngine({ name: 'wasm' }));

describe('fused training ops on wasm', () => {
  it.each(trainingOpCases())('$name', ({ check }) => check());
});
