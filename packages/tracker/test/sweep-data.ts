import { openSweeps, type Tracker } from '../src/index.ts';

const BY = { worker: 'w', leaseMs: 60_000 };

const SPEC = {
  objectives: [{ metric: 'val/accuracy', direction: 'maximize' }],
  space: {
    parameters: {
      'optimizer.learningRate': { kind: 'float', low: 1e-4, high: 1e-2, log: true },
      batchSize: { kind: 'int', low: 16, high: 128, step: 16, log: false },
      'model.widths': { kind: 'choice', values: [[8, 16], [16, 32], null] },
    },
  },
};

/** A sweep with a trial in every state: two complete, pruned, failed, NaN, minus infinity, waiting. */
export function makeSweep(tracker: Tracker, name = 'learning-rates'): number {
  const sweeps = openSweeps(tracker);
  const start = { project: 'fashion', name, spec: SPEC, codeVersion: 'c', maxAttempts: 1 };
  const { id } = sweeps.create(start);
  const lead = sweeps.lead(id, { owner: 'test', leaseMs: 60_000 });
  const trials = [1e-4, 1e-3, 1e-2, 0.1, 2e-3, 3e-3, 4e-3].map((learningRate, at) => ({
    key: at.toString(16).padStart(64, '0'),
    seed: at,
    parameters: {
      'optimizer.learningRate': learningRate,
      batchSize: 16 * (at + 1),
      'model.widths': SPEC.space.parameters['model.widths'].values[at % 3]!,
      augment: at % 2 === 0,
    },
    config: { optimizer: { learningRate } },
  }));
  sweeps.enqueue(id, lead, trials);
  const claimed = [0.8, 0.9, 0.2, 0.3, NaN, -Infinity].map((value) => {
    const { trial, token } = sweeps.claim(id, BY)!;
    sweeps.report(trial.id, token, { step: 1, value: value / 2 });
    sweeps.report(trial.id, token, { step: 2, value });
    return { id: trial.id, token, value };
  });
  for (const [at, trial] of claimed.entries()) {
    if (at === 2) sweeps.prune(trial.id, trial.token, 'below the median');
    else if (at === 3) sweeps.fail(trial.id, trial.token, { code: 'OOM', message: 'out of memory' });
    else sweeps.complete(trial.id, trial.token, [trial.value]);
  }
  sweeps.release(id, lead, 'PAUSED');
  return id;
}
