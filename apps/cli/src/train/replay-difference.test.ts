import type { Curve, RunEnvironment } from '@atelier/tracker';
import { describe, expect, it } from 'vitest';
import { curveDifferences, environmentDifferences } from './replay-difference.ts';

const curve = (key: string, ...values: number[]): Curve => ({
  key,
  points: values.map((value, i) => ({ step: i + 1, epoch: 1, wallTime: 0, value })),
});

describe('curves of a replay', () => {
  it('are the same where every bit of every point is, NaN and infinities too; times and load do not count', () => {
    const was = [
      curve('train/loss', 1, NaN, Infinity),
      curve('train/imagesPerSecond', 1),
      curve('system/cpu', 1),
    ];
    const is = [curve('train/loss', 1, NaN, Infinity), curve('train/imagesPerSecond', 2)];
    expect(curveDifferences(was, is)).toEqual([]);
  });

  it('differ from the first step on that does, and say how far, the earliest curve first', () => {
    const was = [curve('val/loss', 1, 1, 2), curve('train/loss', 1, 2, 4)];
    const is = [curve('val/loss', 1, 1, 2.5), curve('train/loss', 1, 2.25, 3)];
    expect(curveDifferences(was, is)).toEqual([
      { key: 'train/loss', step: 2, was: 2, is: 2.25, most: 1 },
      { key: 'val/loss', step: 3, was: 2, is: 2.5, most: 0.5 },
    ]);
  });

  it('differ where one ends sooner, or in the sign of zero', () => {
    expect(curveDifferences([curve('a', 1, 2)], [curve('a', 1)])).toEqual([
      { key: 'a', step: 2, was: 2, is: undefined, most: 0 },
    ]);
    expect(curveDifferences([curve('a', 0)], [curve('a', -0)])).toHaveLength(1);
  });
});

it('environments differ in what may explain other bits', () => {
  const environment: RunEnvironment = {
    machine: { cpu: 'A', cores: 2, memoryBytes: 1, platform: 'linux', arch: 'x64' },
    node: '20',
    engine: { name: 'cpu', version: '1', threads: 1, precision: 'fp32' },
    command: [],
  };
  const now = { ...environment, engine: { ...environment.engine, name: 'wasm', threads: 2 } };
  expect(environmentDifferences(environment, now)).toEqual([
    { name: 'engine', was: 'cpu', is: 'wasm' },
    { name: 'threads', was: '1', is: '2' },
  ]);
});
