import { expect, it } from 'vitest';
import { namesNear, nearest } from './nearest.ts';

const KNOWN = ['optimizer.learningRate', 'optimizer.kind', 'batchSize', 'seed'];

it('finds the nearest of a closed list, without regard to case', () => {
  expect(nearest('BATCHSIZE', KNOWN)).toBe('batchSize');
  expect(nearest('nothing like it', KNOWN)).not.toBe('');
  expect(nearest('x', [])).toBe('');
});

it('offers slips and parts of names, the nearest first, and no other words', () => {
  expect(namesNear('optimizer.kidn', KNOWN)).toEqual(['optimizer.kind']);
  expect(namesNear('learningrate', KNOWN)).toEqual(['optimizer.learningRate']);
  expect(namesNear('sede', KNOWN)).toEqual(['seed']);
  expect(namesNear('dropout', KNOWN)).toEqual([]);
  expect(namesNear('', KNOWN)).toEqual([]);
  expect(namesNear('run-1', ['run-4', 'run-3', 'run-2', 'run-1x'], 2)).toEqual(['run-4', 'run-3']);
});
