import { SearchSpace } from '@atelier/search';
import { describe, expect, it } from 'vitest';
import { readRecipe } from '../recipe.ts';
import { checkSettings, trialConfig } from './trial-config.ts';

const base = readRecipe('quick-cnn');
const spaceOf = (parameters: Record<string, unknown>): SearchSpace => SearchSpace.parse({ parameters });

describe('the configuration of a trial', () => {
  it('is the recipe with the point and the seed', () => {
    const parameters = { 'optimizer.learningRate': 0.01, 'model.dropout': 0.3 };
    expect(trialConfig(base, { parameters, seed: 7 })).toMatchObject({
      seed: 7,
      epochs: 3,
      optimizer: { kind: 'adam', learningRate: 0.01 },
      model: { dropout: 0.3, filters: [8, 16] },
    });
  });

  it('takes the seed of the point where the space has one', () => {
    expect(trialConfig(base, { parameters: { seed: 5 }, seed: 1 }).seed).toBe(5);
  });

  it('sets a kind with what belongs to it, in any order', () => {
    const parameters = { 'optimizer.momentum': 0.5, 'optimizer.kind': 'sgd' };
    expect(trialConfig(base, { parameters, seed: 1 }).optimizer).toMatchObject({
      kind: 'sgd',
      momentum: 0.5,
    });
  });
});

describe('checkSettings', () => {
  it.each([
    [{ 'model.filters': { kind: 'choice', values: [[8], [8, 16, 32]] } }],
    [
      {
        'optimizer.kind': { kind: 'choice', values: ['adam', 'sgd'] },
        'optimizer.momentum': { kind: 'float', low: 0, high: 0.9, when: { 'optimizer.kind': ['sgd'] } },
      },
    ],
  ])('lets pass what is right in the right company: %j', (parameters) => {
    expect(() => checkSettings(base, spaceOf(parameters))).not.toThrow();
  });

  it.each([
    [{ epoch: { kind: 'choice', values: [1] } }, 'no setting "epoch"; the nearest is "epochs"'],
    [{ epochs: { kind: 'int', low: 0, high: 4 } }, 'epochs: expected number to be >=1, got 0'],
    [
      { 'model.dropout': { kind: 'float', low: 0, high: 1 } },
      'model.dropout: expected number to be <1, got 1',
    ],
    [{ 'optimizer.kind': { kind: 'choice', values: ['adam', 'sdg'] } }, 'the nearest is "sgd"'],
    [{ batchSize: { kind: 'float', low: 16, high: 64 } }, 'batchSize: expected whole numbers'],
    [{ 'model.kernelSize': { kind: 'float', low: 1, high: 3 } }, 'model.kernelSize: expected whole numbers'],
    [{ project: { kind: 'choice', values: ['a', 'b'] } }, 'give --project'],
  ])('refuses %j', (parameters, message) => {
    expect(() => checkSettings(base, spaceOf(parameters))).toThrow(message);
  });
});
