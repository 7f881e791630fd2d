import { describe, expect, it } from 'vitest';
import type { TrialRunner } from '../src/sweep/attempt.ts';
import type { SweepOptions } from '../src/sweep/scheduler.ts';
import { MemoryStore } from './sweep-doubles.ts';
import { last, of, sit, specOf } from './sweep-sitting.ts';

describe('a sweep that learns', () => {
  it('prunes what the pruner gives up', async () => {
    const store = new MemoryStore();
    const spec = specOf({ workers: 1, pruner: { kind: 'median', startupTrials: 2 } });
    const run: TrialRunner = async (trial, context) => {
      const x = Number(trial.parameters['x']);
      for (let step = 1; step <= 3; step++) await context.report(step, x, { last: step === 3 });
      return [x];
    };
    const events = await sit({ store, spec, run });
    const pruned = store.rows.filter(({ state }) => state === 'PRUNED');
    expect(pruned.length).toBeGreaterThan(0);
    // of what runs in order of x, only what is above the median of those before it goes
    expect(pruned.every(({ parameters }) => Number(parameters['x']) > 0)).toBe(true);
    expect(pruned.every(({ reports }) => reports.length === 1)).toBe(true);
    expect(of(events, 'trial-ended').filter(({ state }) => state === 'PRUNED')[0]!.reason).not.toBe('');
  });

  it('races against what trials of an earlier sitting had right', async () => {
    const store = new MemoryStore();
    const racing = { workers: 1, pruner: { kind: 'racing' } };
    const answers = (right: number) => Uint8Array.from({ length: 200 }, (_, i) => Number(i < right));
    const runOf =
      (right: number): TrialRunner =>
      async (_, context) => {
        await context.report(1, 0, { correct: answers(right) });
        return [200 - right];
      };
    const first = specOf({ ...racing, trials: 1 });
    await sit({ store, spec: first, run: runOf(180) });
    const spec = specOf({ ...racing, trials: 2 });
    const asked: string[] = [];
    const storedAnswers: SweepOptions['storedAnswers'] = ({ number }, step) => {
      asked.push(`${number}/${step}`);
      return answers(180);
    };
    const events = await sit({ store, spec, run: runOf(120), options: { storedAnswers, changed: true } });
    expect(of(events, 'trial-ended')).toMatchObject([{ number: 1, state: 'PRUNED' }]);
    expect(of(events, 'trial-ended')[0]!.reason).toContain('60 samples only trial 0 has right');
    expect(asked).toEqual(['0/1']);
  });

  it('hears a prune also where the function does not wait for it', async () => {
    const store = new MemoryStore();
    const spec = specOf({ workers: 1, pruner: { kind: 'median', startupTrials: 2 } });
    const run: TrialRunner = async (trial, context) => {
      void context.report(1, Number(trial.parameters['x']));
      return [Number(trial.parameters['x'])];
    };
    await sit({ store, spec, run });
    expect(store.rows.some(({ state }) => state === 'PRUNED')).toBe(true);
  });

  it('asks a sampler that learns for the next point when a worker is free', async () => {
    const store = new MemoryStore();
    const parameters = { x: { kind: 'float', low: 0, high: 1 } };
    const spec = specOf({
      space: { parameters },
      sampler: { kind: 'tpe', startupTrials: 4 },
      trials: 30,
      workers: 2,
    });
    const events = await sit({
      store,
      spec,
      run: async (trial) => [(Number(trial.parameters['x']) - 0.3) ** 2],
    });
    expect(last(events)).toMatchObject({ status: 'FINISHED', counts: { COMPLETE: 30 } });
    const queued = of(events, 'queued').map(({ added }) => added);
    expect(queued.every((added) => added === 1)).toBe(true);
    expect(Math.min(...store.rows.map(({ values }) => values[0]!))).toBeLessThan(0.01);
  });
});
