import { randomStream } from '@atelier/data';
import { describe, expect, it } from 'vitest';
import { drawKernel } from './initial-weights.ts';

const scaling = (scale: number, mode: 'fanIn' | 'fanOut' | 'fanAvg', distribution: 'uniform' | 'normal') =>
  ({ className: 'VarianceScaling', config: { scale, mode, distribution } }) as const;

const drawn = (shape: number[], initializer: Parameters<typeof drawKernel>[1], depthwise = false) => {
  const kernel = drawKernel(shape, initializer, randomStream(1, 'test'), depthwise);
  const variance = kernel.reduce((sum, value) => sum + value * value, 0) / kernel.length;
  return { variance, extreme: kernel.reduce((most, value) => Math.max(most, Math.abs(value)), 0) };
};

describe('initial weights', () => {
  it('fill the interval of Glorot uniform', () => {
    const { variance, extreme } = drawn([3, 3, 16, 32], scaling(1, 'fanAvg', 'uniform'));
    const limit = Math.sqrt(6 / (9 * 16 + 9 * 32));
    expect(extreme).toBeLessThanOrEqual(limit);
    expect(extreme).toBeGreaterThan(limit * 0.99);
    expect(variance / ((limit * limit) / 3)).toBeCloseTo(1, 1);
  });

  it('have the variance 2 / fan of He normal, cut off at two deviations', () => {
    const { variance, extreme } = drawn([3, 3, 16, 64], scaling(2, 'fanIn', 'normal'));
    expect(variance * (9 * 16)).toBeGreaterThan(1.9);
    expect(variance * (9 * 16)).toBeLessThan(2.1);
    // two deviations of the normal that was cut, whose variance the cut made smaller by 0.7737
    expect(extreme).toBeLessThanOrEqual(2 * Math.sqrt(2 / (9 * 16) / 0.7737) * 1.0001);
  });

  it('count one input channel for a unit of a depthwise convolution', () => {
    const { variance } = drawn([3, 3, 512, 1], scaling(2, 'fanIn', 'normal'), true);
    expect(variance * 9).toBeGreaterThan(1.8);
    expect(variance * 9).toBeLessThan(2.2);
  });

  it('are a normal cut off at two deviations where asked for', () => {
    const spec = { className: 'TruncatedNormal', config: { mean: 0, stddev: 0.02 } } as const;
    const { variance, extreme } = drawn([96, 96], spec);
    expect(extreme).toBeLessThanOrEqual(0.04);
    expect(Math.sqrt(variance / 0.7737)).toBeCloseTo(0.02, 3);
  });
});
