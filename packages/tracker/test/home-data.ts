import type { RunEnvironment, RunStart } from '../src/index.ts';

export const ENVIRONMENT: RunEnvironment = {
  git: { commit: '0123456789abcdef', branch: 'main', dirty: true },
  machine: { cpu: 'a processor', cores: 2, memoryBytes: 2 ** 33, platform: 'linux', arch: 'x64' },
  node: '20.20.2',
  engine: { name: 'wasm', version: '4.22.0', threads: 1, precision: 'fp32' },
  command: ['node', 'train'],
};

export const START: RunStart = {
  project: 'fashion',
  config: {
    model: { kind: 'seed-cnn', filters: [32, 64, 128], batchNorm: true },
    optimizer: { kind: 'adam', learningRate: 0.001 },
    earlyStopping: null,
  },
  environment: ENVIRONMENT,
};
