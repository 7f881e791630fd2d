import { canonicalJson } from '@atelier/base';
import { describe, expect, it } from 'vitest';
import { readRecipe } from '../recipe.ts';
import { parseConfig } from '../settings.ts';
import { trainingCodeVersion, trialKey } from './identity.ts';

const config = parseConfig(readRecipe('quick-cnn'));
const content = { config, datasetDigest: 'd', codeVersion: 'c' };

describe('the identity of a trial', () => {
  it('does not depend on the order of keys', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
    const turned = Object.fromEntries(Object.entries(config).reverse());
    expect(trialKey({ ...content, config: turned })).toBe(trialKey(content));
    expect(trialKey(content)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is the one that an earlier version stored for the same content', () => {
    const stored = {
      ...{ seed: 1, project: 'p', data: 'd', engine: { name: 'wasm', threads: 2 } },
      model: { kind: 'seed-cnn', filters: [32, 64], batchNorm: true, dropout: null },
      optimizer: { learningRate: 1e-3, betas: [0.9, 0.999] },
    };
    expect(trialKey({ config: stored, datasetDigest: 'd', codeVersion: 'c' })).toBe(
      'e1e3cb618a23e4eb2de6dd565bebd62039aa9948e0a4e81247d0eb7f3cde9d84',
    );
  });

  it.each([
    ['the project', { ...content, config: { ...config, project: 'other' } }],
    ['threads', { ...content, config: { ...config, engine: { ...config.engine, threads: 7 } } }],
    ['the name of equal data', { ...content, config: { ...config, data: { ...config.data, dataset: 'b' } } }],
  ])('does not depend on %s', (_, other) => {
    expect(trialKey(other)).toBe(trialKey(content));
  });

  it.each([
    ['a setting', { ...content, config: { ...config, epochs: 9 } }],
    ['the seed', { ...content, config: { ...config, seed: 2 } }],
    ['the engine', { ...content, config: { ...config, engine: { ...config.engine, name: 'cpu' } } }],
    ['the data', { ...content, datasetDigest: 'e' }],
    ['the code', { ...content, codeVersion: 'd' }],
  ])('depends on %s', (_, other) => {
    expect(trialKey(other)).not.toBe(trialKey(content));
  });

  it('holds the version of the sources', () => {
    expect(trainingCodeVersion()).toMatch(/^[0-9a-f]{64}$/);
    expect(trainingCodeVersion()).toBe(trainingCodeVersion());
  });
});
