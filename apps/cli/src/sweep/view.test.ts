import { SweepSpec } from '@atelier/train';
import { expect, it } from 'vitest';
import { SweepView } from './view.ts';

const spec = SweepSpec.parse({
  name: 'lr',
  project: 'test',
  task: { kind: 'function', module: '/nowhere.ts' },
  space: { parameters: { x: { kind: 'int', low: 0, high: 9 } } },
  sampler: { kind: 'grid' },
  objectives: [{ metric: 'loss', direction: 'minimize' }],
  pruner: { kind: 'none' },
  workers: 2,
});

it('says how many trials are done, the best so far, and what each worker is at', () => {
  const said: string[] = [];
  const view = new SweepView({ spec, say: (line) => said.push(line) });
  const none = { QUEUED: 0, RUNNING: 0, COMPLETE: 0, PRUNED: 0, FAILED: 0 };
  view.show({ type: 'started', counts: none, total: undefined });
  view.show({ type: 'queued', added: 4, reused: [{ number: 4, from: 12 }] });
  view.show({ type: 'worker-started', worker: 0, pid: 1 });
  view.show({ type: 'worker-started', worker: 1, pid: 2 });
  for (const [worker, number] of [[0, 0] as const, [1, 1] as const])
    view.show({ type: 'trial-started', worker, number, attempt: 1, parameters: { x: number } });
  view.show({ type: 'trial-reported', worker: 1, number: 1, step: 3, value: 0.25 });
  const ended = { type: 'trial-ended', worker: 0, number: 0, values: [2], runId: 31, seconds: 4 } as const;
  view.show({ ...ended, state: 'COMPLETE' });

  const [head, first, second] = view.lines();
  expect(head).toMatch(/^lr: 2 of 5 trials, best loss 2 \(trial 0\), .* so far, about 6.0 s left$/);
  expect(first).toBe('  worker 0  waiting');
  expect(second).toMatch(/^ {2}worker 1 {2}trial 1 {2}step 3 {2}loss 0.25 {2}.* {2}x=1$/);
  expect(said).toEqual([
    'trial 4  COMPLETE  taken over from trial 12: equal work, not done again',
    'trial 0  COMPLETE  loss 2  4.0 s  run 31  x=0',
  ]);
  view.show({ type: 'trial-returned', number: 1, why: 'lost', error: { code: 'X', message: 'killed' } });
  expect(said.at(-1)).toBe('trial 1  lost, will be tried again: killed');
  expect(view.lines()[0]).toContain('2 of 5 trials');
  view.stop();
});
