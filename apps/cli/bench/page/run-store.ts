import { openTracker } from '@atelier/tracker';

/** Runs of a sweep's shape: four curves of ten points, half a dozen parameters. */
export function fillRuns(home: string, count: number): void {
  using tracker = openTracker({ home });
  const environment = {
    machine: { cpu: 'bench', cores: 2, memoryBytes: 1, platform: 'linux', arch: 'x64' },
    node: process.version,
    engine: { name: 'cpu', version: '1', threads: 1, precision: 'fp32' },
    command: ['bench'],
  };
  for (let at = 0; at < count; at++) {
    const random = (salt: number): number => ((at * 7919 + salt * 104_729) % 100_003) / 100_003;
    using run = tracker.startRun({
      project: `p${at % 4}`,
      name: `run-${at}`,
      config: {
        optimizer: { kind: at % 3 === 0 ? 'sgd' : 'adam', learningRate: 10 ** (-1 - 4 * random(1)) },
        model: { kind: 'seed-cnn', dropout: random(2) },
        ...{ batchSize: 2 ** (4 + (at % 5)), epochs: 10, seed: at % 10 },
      },
      environment,
    });
    for (let step = 1; step <= 10; step++) {
      const value = random(3) * (1 - Math.exp(-step / 3));
      run.log(
        { 'train/loss': 1 - value, 'train/accuracy': value, 'val/loss': 1 - value, 'val/accuracy': value },
        { step, epoch: step },
      );
    }
    run.finish();
  }
}
