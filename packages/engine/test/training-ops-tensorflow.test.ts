import { describe, expect, it } from 'vitest';
import { openEngine } from '../src/index.ts';
import { trainingOpCases } from './training-op-cases.ts';

// where the engine is not installed, the same cases hold on the next one
const opened = await openEngine({ name: 'tensorflow' }).catch(async (error: Error) => {
  expect(error).toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  return openEngine({ name: 'auto' });
});

describe(`fused training ops on ${opened.name}`, () => {
  it.each(trainingOpCases())('$name', ({ check }) => check());
});
