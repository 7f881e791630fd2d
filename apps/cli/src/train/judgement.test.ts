import { parseConfig, readRecipe } from '@atelier/train';
import { describe, expect, it } from 'vitest';
import { judgedWeights } from './judgement.ts';

describe('the weights that are judged', () => {
  it('are the last of a schedule that nothing stops', () => {
    expect(judgedWeights(parseConfig(readRecipe('fashion-cnn')), 5)).toBe(
      'weights of epoch 5, the last of the schedule',
    );
  });

  it('are said with the average and the views that they are judged by', () => {
    const settings = { average: { kind: 'ema' }, evaluation: { flip: true } };
    expect(judgedWeights(parseConfig({ ...readRecipe('fashion-cnn'), ...settings }), 5)).toBe(
      'weights of epoch 5 (averaged: ema), the last of the schedule; mean over 2 views of every image',
    );
  });

  it('are those of the epoch that early stopping brings back, by what it watches', () => {
    expect(judgedWeights(parseConfig(readRecipe('seed-cnn')), 3)).toBe(
      'weights of epoch 3 of 5, where val/loss was best (earlyStopping brings them back)',
    );
  });
});
