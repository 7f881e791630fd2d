import { summarizeSeeds } from '@atelier/metrics';
import { describe, expect, it } from 'vitest';
import { median, type Speedrun, speedrunText } from './speedrun-text.ts';

const ENVIRONMENT: Speedrun['environment'] = {
  machine: { cpu: 'Some CPU', cores: 2, memoryBytes: 1, platform: 'linux', arch: 'x64' },
  engine: { name: 'onednn', version: '3', threads: 2, precision: 'fp32', arithmetic: 'fp32' },
  git: { commit: '0123456789abcdef', branch: 'main', dirty: true },
  node: '20.20.2',
  command: [],
};

function textOf(accuracies: readonly number[], target: number): string {
  const runs = accuracies.map((accuracy, i) => ({
    ...{ run: i + 1, seed: i + 1, accuracy, seconds: 30 + i, tflop: 1.5 },
  }));
  const accuracy = summarizeSeeds(accuracies);
  return speedrunText({
    recipe: 'fast',
    target,
    runs,
    accuracy,
    environment: ENVIRONMENT,
  });
}

describe('what a speedrun says', () => {
  it('is the mean with its interval, mean and median seconds, work, machine, engine and commit', () => {
    const text = textOf([0.93, 0.94, 0.95], 0.94);
    // scipy.stats.t.interval(0.95, 2, 0.94, 0.01 / sqrt(3)) = 0.91516, 0.96484
    expect(text).toContain('fast: mean test accuracy 0.9400 (95 % interval 0.9152 to 0.9648)');
    expect(text).toContain('seconds  mean 31.0, median 31.0');
    expect(text).toContain('training 1.50 TFLOP');
    expect(text).toContain(
      'Some CPU, 2 cores; onednn 3, 2 threads, fp32; Node 20.20.2; commit 0123456789ab with changes',
    );
  });

  it.each([
    [[0.93, 0.93], 0.931, 'below the target of 0.931: no record'],
    [[0.93, 0.93], 0.93, 'at the target of 0.93; a record needs 10 seeds'],
    [Array<number>(10).fill(0.93), 0.93, 'over 10 seeds: a record'],
    [[0.93], 0.93, '(one seed), at the target'],
  ])('of %j for %f', (accuracies, target, words) => {
    expect(textOf(accuracies, target)).toContain(words);
  });

  it('has the middle, or the mean of the middle two, as median', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  });
});
