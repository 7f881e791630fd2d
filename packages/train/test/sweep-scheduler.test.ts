import { describe, expect, it } from 'vitest';
import type { TrialRunner } from '../src/sweep/attempt.ts';
import { MemoryStore } from './sweep-doubles.ts';
import { last, of, plan, sit, specOf, value, x, y } from './sweep-sitting.ts';

describe('sweep', () => {
  it('runs every cell of a grid once, with each seed', async () => {
    const store = new MemoryStore();
    const seen: string[] = [];
    const run: TrialRunner = async (trial) => {
      seen.push(JSON.stringify([trial.parameters, trial.seed]));
      return value(trial, undefined as never);
    };
    const events = await sit({ store, spec: specOf({ seeds: [1, 2] }), run });
    expect(new Set(seen).size).toBe(24);
    expect(seen).toHaveLength(24);
    expect(last(events)).toMatchObject({
      status: 'FINISHED',
      counts: { COMPLETE: 24, QUEUED: 0 },
      why: 'done',
    });
    expect(store.status).toBe('FINISHED');
    expect(of(events, 'worker-started')).toHaveLength(3);
  });

  it('runs a widened grid in its new cells only', async () => {
    const store = new MemoryStore();
    await sit({ store, run: value });
    const ran: number[] = [];
    const wide = specOf({ space: { parameters: { x: { ...x, high: 7 }, y } } });
    const events = await sit({
      store,
      spec: wide,
      run: async (trial) => (ran.push(Number(trial.parameters['x'])), [0]),
      options: { changed: true },
    });
    expect(ran.sort()).toEqual([6, 6, 7, 7]);
    expect(of(events, 'started')[0]!.counts.COMPLETE).toBe(12);
    expect(store.spec).toMatchObject({ space: { parameters: { x: { high: 7 } } } });
  });

  it('takes values over from equal finished trials, and says so', async () => {
    const store = new MemoryStore();
    const done = plan({ parameters: { x: 2, y: 'a' }, seed: 1 });
    store.elsewhere.set(done.key, [42]);
    const ran: unknown[] = [];
    const events = await sit({ store, run: async (trial) => (ran.push(trial.parameters), [1]) });
    expect(ran).toHaveLength(11);
    expect(ran).not.toContainEqual({ x: 2, y: 'a' });
    expect(of(events, 'queued').flatMap(({ reused }) => reused)).toEqual([
      { number: store.rows.find(({ key }) => key === done.key)!.number, from: 7 },
    ]);
  });

  it('tries a failed trial again, and then gives it up', async () => {
    const store = new MemoryStore(2);
    let failures = 0;
    const run: TrialRunner = async (trial, context) => {
      const { x, y } = trial.parameters;
      if (x === 1 && y === 'a' && failures++ === 0) throw new Error('once');
      if (x === 2 && y === 'a') throw Object.assign(new Error('always'), { code: 'BAD' });
      return value(trial, context);
    };
    const events = await sit({ store, run });
    expect(of(events, 'trial-returned').map(({ why }) => why)).toEqual(['retry', 'retry']);
    expect(last(events)).toMatchObject({ status: 'FINISHED', counts: { COMPLETE: 11, FAILED: 1 } });
    const failed = of(events, 'trial-ended').filter(({ state }) => state === 'FAILED');
    expect(failed).toMatchObject([{ error: { code: 'BAD', message: 'always' } }]);
  });

  it.each([
    ['missing', []],
    ['too many', [1, 2]],
  ])('fails a trial whose value is %s', async (_, values) => {
    const store = new MemoryStore(1);
    const events = await sit({ store, spec: specOf({ trials: 1 }), run: async () => values });
    expect(of(events, 'trial-ended')).toMatchObject([
      { state: 'FAILED', error: { code: 'OBJECTIVE_VALUES' } },
    ]);
  });

  it.each([Number.NaN, Infinity])('takes %d for an outcome: the trial is not tried again', async (value) => {
    const store = new MemoryStore(3);
    const events = await sit({ store, spec: specOf({ trials: 1 }), run: async () => [value] });
    expect(of(events, 'trial-returned')).toEqual([]);
    const reason = `diverged: its value is ${value}`;
    expect(of(events, 'trial-ended')).toMatchObject([{ state: 'PRUNED', reason }]);
    expect(store.rows[0]!.attempts).toBe(1);
  });

  it('tries failed trials once more where it is told to: all, or some', async () => {
    const store = new MemoryStore(1);
    let broken = true;
    const run: TrialRunner = async (trial, context) => {
      if (broken && trial.number < 3) throw new Error('the disk is full');
      return value(trial, context);
    };
    await sit({ store, run });
    expect(last(await sit({ store, run }))).toMatchObject({ counts: { FAILED: 3, COMPLETE: 9 } });
    broken = false;
    const some = await sit({ store, run, options: { retryFailed: [1] } });
    expect(of(some, 'requeued')).toEqual([{ type: 'requeued', numbers: [1] }]);
    expect(of(some, 'trial-started')).toMatchObject([{ number: 1, attempt: 2 }]);
    const all = await sit({ store, run, options: { retryFailed: 'all' } });
    expect(of(all, 'requeued')).toMatchObject([{ numbers: [0, 2] }]);
    expect(last(all)).toMatchObject({ status: 'FINISHED', counts: { FAILED: 0, COMPLETE: 12 } });
  });

  it('puts another worker in the place of one that was killed', async () => {
    const store = new MemoryStore(2);
    let killed = 0;
    const run: TrialRunner = async (trial, context) => {
      // the victim hangs, so that the kill finds it at work
      if (trial.number === 4 && killed === 0) await new Promise(() => {});
      return value(trial, context);
    };
    const events = await sit({
      store,
      run,
      on: (event, { started }) => {
        if (event.type !== 'trial-started' || event.number !== 4 || killed > 0) return;
        killed++;
        started[event.worker]!.kill();
      },
    });
    expect(of(events, 'worker-died')).toHaveLength(1);
    expect(of(events, 'trial-returned')).toMatchObject([{ number: 4, why: 'lost' }]);
    expect(last(events)).toMatchObject({ status: 'FINISHED', counts: { COMPLETE: 12 } });
    expect(store.rows[4]!.attempts).toBe(2);
  });

  it('ends with the reason where workers cannot start at all', async () => {
    const store = new MemoryStore();
    const sitting = sit({
      store,
      run: value,
      on: (event, { started }) => event.type === 'worker-started' && started.at(-1)!.kill(),
    });
    await expect(sitting).rejects.toMatchObject({ code: 'SWEEP_WORKERS_DIE' });
    expect(store.leader).toBeUndefined();
    expect(store.status).toBe('PAUSED');
  });

  it('parks running trials after their epoch, and goes on with exactly the rest', async () => {
    const store = new MemoryStore();
    const park = new AbortController();
    const steps: string[] = [];
    const run: TrialRunner = async (trial, context) => {
      for (let step = 1; step <= 3; step++) {
        steps.push(`${trial.number}/${step}`);
        await context.report(step, 0, { last: step === 3 });
        await new Promise((resolve) => setImmediate(resolve));
      }
      return [0];
    };
    const events = await sit({
      store,
      run,
      options: { park: park.signal },
      on: (event) => event.type === 'trial-reported' && event.number === 5 && park.abort(),
    });
    expect(of(events, 'stopping')).toEqual([{ type: 'stopping', why: 'interrupt' }]);
    expect(last(events).status).toBe('PAUSED');
    expect(store.rows.every(({ state }) => state === 'COMPLETE' || state === 'QUEUED')).toBe(true);
    const complete = new Set(
      store.rows.filter(({ state }) => state === 'COMPLETE').map(({ number }) => number),
    );
    expect(complete.size).toBeLessThan(12);
    expect(store.rows.every(({ state, attempts }) => state === 'COMPLETE' || attempts === 0)).toBe(true);

    steps.length = 0;
    expect(last(await sit({ store, run }))).toMatchObject({ status: 'FINISHED', counts: { COMPLETE: 12 } });
    const again = new Set(steps.map((step) => Number(step.split('/')[0])));
    expect([...again].filter((number) => complete.has(number))).toEqual([]);
    expect(again.size).toBe(12 - complete.size);
  });

  it('puts trials back at once where it is told to', async () => {
    const store = new MemoryStore();
    const abort = new AbortController();
    const run: TrialRunner = (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const events = await sit({
      store,
      run,
      options: { abort: abort.signal },
      on: (event) => event.type === 'trial-started' && event.number === 2 && abort.abort(),
    });
    expect(last(events)).toMatchObject({ status: 'PAUSED', counts: { QUEUED: 12, RUNNING: 0 } });
    expect(of(events, 'worker-died')).toEqual([]);
  });

  it('stops where somebody asks for it', async () => {
    const store = new MemoryStore();
    const run: TrialRunner = async (_, context) => {
      store.stopRequested = true;
      for (let step = 1; ; step++) {
        await context.report(step, 0);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const events = await sit({ store, run, options: { leaseMs: 100 } });
    expect(last(events)).toMatchObject({ status: 'STOPPED', why: 'stop-requested' });
  });

  it('starts no trial after its time', async () => {
    const store = new MemoryStore();
    const events = await sit({ store, spec: specOf({ timeLimit: 1e-9 }), run: value });
    expect(of(events, 'trial-started')).toEqual([]);
    expect(last(events)).toMatchObject({ status: 'PAUSED', why: 'time-limit' });
  });

  it('refuses a sweep that somebody else carries out', async () => {
    const store = new MemoryStore();
    store.lead();
    await expect(sit({ store, run: value })).rejects.toMatchObject({ code: 'SWEEP_BUSY' });
  });
});
