import { beforeAll, describe, it } from 'vitest';
import { openEngine } from '../src/index.ts';
import { trainingOpCases } from './training-op-cases.ts';

beforeAll(() => openEngine({ name: 'cpu' }));

describe('fused training ops on cpu', () => {
  it.each(trainingOpCases())('$name', ({ check }) => check());
});
