import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeHome } from '../../test/home.ts';
import { START } from '../../test/home-data.ts';
import { openTracker, type Tracker } from '../tracker.ts';
import { sourceOf } from '../source-of.ts';
import { openSweeps, type Sweeps } from './sweeps.ts';

const LEASE = { worker: 'w1', leaseMs: 60_000 };
const keyOf = (at: number): string => at.toString(16).padStart(64, '0');
const trialStart = (at: number) => ({
  key: keyOf(at),
  parameters: { 'optimizer.learningRate': at },
  config: { optimizer: { learningRate: at } },
  seed: 1,
});

function open(home = makeHome()): { tracker: Tracker; sweeps: Sweeps; home: string } {
  const tracker = openTracker({ home });
  onTestFinished(() => tracker.close());
  return { tracker, sweeps: openSweeps(tracker), home };
}

/** A sweep with so many trials queued, and who leads it. */
function made(count: number, more: { maxAttempts?: number } = {}) {
  const store = open();
  const { id } = store.sweeps.create({ project: 'p', name: 's', spec: { a: 1 }, codeVersion: 'c', ...more });
  const lead = store.sweeps.lead(id, { owner: 'me', leaseMs: 60_000 });
  store.sweeps.enqueue(
    id,
    lead,
    Array.from({ length: count }, (_, at) => trialStart(at)),
  );
  return { ...store, id, lead };
}

describe('sweeps', () => {
  it('are made once, found by name and id, and named when misspelt', () => {
    const { sweeps, id } = made(2);
    expect(sweeps.get('s')).toMatchObject({ id, status: 'RUNNING', spec: { a: 1 }, counts: { QUEUED: 2 } });
    expect(sweeps.get(String(id)).name).toBe('s');
    expect(() => sweeps.create({ project: 'p', name: 's', spec: {}, codeVersion: 'c' })).toThrow(
      /there is a sweep "s" \(RUNNING\): go on with `sweep resume s`/,
    );
    expect(() => sweeps.get('z')).toThrow(/no sweep "z"\. Did you mean s\?/);
  });

  it('have one scheduler at a time', () => {
    const { sweeps, id, lead } = made(1);
    expect(() => sweeps.lead(id, { owner: 'you', leaseMs: 1 })).toThrow(/is being run by me/);
    sweeps.requestStop(id);
    expect(sweeps.renewLead(id, lead, 0)).toEqual({ stopRequested: true });
    // its lease is over now
    const other = sweeps.lead(id, { owner: 'you', leaseMs: 60_000 });
    expect(() => sweeps.renewLead(id, lead, 1)).toThrow(expect.objectContaining({ code: 'LEASE_LOST' }));
    expect(() => sweeps.enqueue(id, lead, [trialStart(7)])).toThrow(/no longer ours/);
    sweeps.release(id, other, 'FINISHED');
    expect(sweeps.get(id)).toMatchObject({ status: 'FINISHED', stopRequested: false });
    expect(sweeps.get(id).lead).toBeUndefined();
  });

  it('are only read over a read-only tracker', () => {
    const { home, id } = made(1);
    using reader = openTracker({ home, readonly: true });
    const sweeps = openSweeps(reader);
    expect(sweeps.list({ project: 'p' })).toHaveLength(1);
    expect(sweeps.list({ status: 'FINISHED' })).toHaveLength(0);
    expect(sweeps.trials(id)).toHaveLength(1);
    expect(() => sweeps.claim(id, LEASE)).toThrow(expect.objectContaining({ code: 'TRACKER_ACCESS' }));
  });
});

describe('trials', () => {
  it('go through claim, reports and completion, with values of any kind', () => {
    const { sweeps, tracker, id } = made(2);
    const { trial, token, attempt } = sweeps.claim(id, LEASE)!;
    expect({ number: trial.number, attempt, worker: trial.worker }).toEqual({
      number: 0,
      attempt: 1,
      worker: 'w1',
    });
    using run = tracker.startRun(START);
    sweeps.attachRun(trial.id, token, run.id);
    sweeps.report(trial.id, token, { step: 1, value: 0.5 });
    sweeps.report(trial.id, token, { step: 2, value: NaN });
    sweeps.complete(trial.id, token, [Infinity, 0.25, NaN]);
    expect(sweeps.trials(id, { reports: true })[0]).toMatchObject({
      state: 'COMPLETE',
      values: [Infinity, 0.25, NaN],
      runId: run.id,
      reports: [
        { step: 1, value: 0.5 },
        { step: 2, value: NaN },
      ],
    });
    expect(() => sweeps.complete(trial.id, token, [1])).toThrow(/trial 1 is no longer ours/);
    expect(sweeps.claim(id, LEASE)!.trial.number).toBe(1);
    expect(sweeps.claim(id, LEASE)).toBeUndefined();
  });

  it('are added once, and not computed again where an equal one is complete', () => {
    const { sweeps, id, lead } = made(1);
    const { trial, token } = sweeps.claim(id, LEASE)!;
    sweeps.complete(trial.id, token, [0.9]);
    expect(
      sweeps
        .enqueue(id, lead, [trialStart(0), trialStart(1)])
        .map(({ outcome, number }) => [outcome, number]),
    ).toEqual([
      ['PRESENT', 0],
      ['ADDED', 1],
    ]);
    const other = sweeps.create({ project: 'p', name: 'other', spec: {}, codeVersion: 'c' });
    const otherLead = sweeps.lead(other.id, { owner: 'me', leaseMs: 60_000 });
    const [reused, added] = sweeps.enqueue(other.id, otherLead, [trialStart(0), trialStart(1)]);
    expect(reused).toMatchObject({
      outcome: 'REUSED',
      trial: { state: 'COMPLETE', values: [0.9], reusedFrom: trial.id },
    });
    expect(added!.outcome).toBe('ADDED');
    expect(sweeps.claim(other.id, LEASE)!.trial.number).toBe(1);
  });

  it('are tried again after a failure, so many times', () => {
    const { sweeps, id } = made(1, { maxAttempts: 2 });
    const error = { code: 'OOM', message: 'out of memory' };
    const first = sweeps.claim(id, LEASE)!;
    sweeps.report(first.trial.id, first.token, { step: 1, value: 1 });
    expect(sweeps.fail(first.trial.id, first.token, error)).toBe('RETRY');
    const second = sweeps.claim(id, LEASE)!;
    expect(second.attempt).toBe(2);
    expect(sweeps.trials(id, { reports: true })[0]!.reports).toEqual([]);
    expect(sweeps.fail(second.trial.id, second.token, error)).toBe('FAILED');
    expect(sweeps.trials(id)[0]).toMatchObject({ state: 'FAILED', attempts: 2, error });
  });

  it('that failed wait again where the scheduler says so, for one attempt more', () => {
    const { sweeps, id, lead } = made(4, { maxAttempts: 1 });
    const error = { code: 'OOM', message: 'out of memory' };
    for (let at = 0; at < 3; at++) {
      const { trial, token } = sweeps.claim(id, LEASE)!;
      sweeps.fail(trial.id, token, error);
    }
    const { trial, token } = sweeps.claim(id, LEASE)!;
    sweeps.complete(trial.id, token, [1]);
    // 3 is COMPLETE: it stays
    expect(sweeps.requeue(id, lead, [2, 3, 99])).toMatchObject([{ number: 2, state: 'QUEUED', attempts: 1 }]);
    expect(sweeps.requeue(id, lead).map(({ number }) => number)).toEqual([0, 1]);
    expect(sweeps.get(id).counts).toMatchObject({ QUEUED: 3, FAILED: 0, COMPLETE: 1 });
    const again = sweeps.claim(id, LEASE)!;
    expect(again).toMatchObject({ attempt: 2, trial: { number: 0 } });
    expect(again.trial.error).toBeUndefined();
    expect(sweeps.fail(again.trial.id, again.token, error)).toBe('FAILED');
    expect(() => sweeps.requeue(id, 'stale')).toThrow(expect.objectContaining({ code: 'LEASE_LOST' }));
  });

  it('are parked without counting the attempt', () => {
    const { sweeps, id } = made(1);
    const { trial, token } = sweeps.claim(id, LEASE)!;
    sweeps.park(trial.id, token);
    expect(sweeps.trials(id)[0]).toMatchObject({ state: 'QUEUED', attempts: 0 });
    expect(() => sweeps.heartbeat(trial.id, token, 1)).toThrow(/no longer ours/);
  });

  it('are taken back from the dead, whose runs fail and who can write no more', () => {
    const { sweeps, tracker, id } = made(2, { maxAttempts: 1 });
    const a = sweeps.claim(id, LEASE)!;
    const b = sweeps.claim(id, { worker: 'w2', leaseMs: 60_000 })!;
    const run = tracker.startRun(START);
    sweeps.attachRun(b.trial.id, b.token, run.id);
    expect(sweeps.reclaim(id)).toEqual([]);
    const error = { code: 'WORKER_DIED', message: 'its worker died (w2, attempt 1 of 1)' };
    expect(sweeps.reclaim(id, { workers: ['w2'] })).toMatchObject([{ number: 1, state: 'FAILED', error }]);
    expect(tracker.getRun(run.id)).toMatchObject({ status: 'FAILED', error: { code: 'WORKER_DIED' } });
    expect(() => sweeps.report(b.trial.id, b.token, { step: 1, value: 1 })).toThrow(/no longer ours/);
    // renewed, it is not taken back
    expect(sweeps.heartbeat(a.trial.id, a.token, 120_000)).toEqual({ stop: false });
    expect(sweeps.reclaim(id, { now: Date.now() + 90_000 })).toEqual([]);
    expect(sweeps.reclaim(id, { now: Date.now() + 130_000 })).toMatchObject([{ number: 0, state: 'FAILED' }]);
  });

  it('refuse a key that is no digest', () => {
    const { sweeps, id, lead } = made(0);
    expect(() => sweeps.enqueue(id, lead, [{ ...trialStart(1), key: 'short' }])).toThrow();
  });

  it('outlive a purged run', () => {
    const { sweeps, tracker, id } = made(1);
    const { trial, token } = sweeps.claim(id, LEASE)!;
    const run = tracker.startRun(START);
    sweeps.attachRun(trial.id, token, run.id);
    run.finish();
    sweeps.complete(trial.id, token, [1]);
    tracker.trash([run.id]);
    expect(tracker.purge().runs).toHaveLength(1);
    expect(sweeps.trials(id)[0]!.runId).toBeUndefined();
    expect(tracker.examine().filter(({ state }) => state === 'bad')).toEqual([]);
  });
});

/** The state a trial should be in, told from the calls made alone. */
type Model = { state: string; token?: string; attempts: number };

it('follows a plain model through any order of calls', () => {
  const action = fc.record({
    what: fc.constantFrom('claim', 'complete', 'prune', 'fail', 'park', 'reclaim', 'stale'),
    which: fc.nat(2),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const tracker = openTracker({ home: makeHome() });
      try {
        const sweeps = openSweeps(tracker);
        const { id } = sweeps.create({ project: 'p', name: 's', spec: {}, codeVersion: 'c', maxAttempts: 2 });
        const lead = sweeps.lead(id, { owner: 'me', leaseMs: 60_000 });
        const ids = sweeps.enqueue(id, lead, [0, 1, 2].map(trialStart)).map(({ trial }) => trial.id);
        const model: Model[] = ids.map(() => ({ state: 'QUEUED', attempts: 0 }));
        const lost: [number, string][] = [];
        const letGo = (at: number, state: string): void => {
          lost.push([at, model[at]!.token!]);
          model[at] = { state, attempts: model[at]!.attempts };
        };
        for (const { what, which } of actions) {
          const held = model.flatMap(({ token }, at) => (token === undefined ? [] : [{ at, token }]));
          const mine = held[which % Math.max(1, held.length)];
          if (what === 'claim') {
            const claimed = sweeps.claim(id, LEASE);
            const at = model.findIndex(({ state }) => state === 'QUEUED');
            expect(claimed?.trial.number).toBe(at === -1 ? undefined : at);
            if (claimed) model[at] = { state: 'RUNNING', token: claimed.token, attempts: claimed.attempt };
          } else if (what === 'reclaim') {
            sweeps.reclaim(id, { workers: ['w1'] });
            for (const { at } of held) letGo(at, model[at]!.attempts < 2 ? 'QUEUED' : 'FAILED');
          } else if (what === 'stale') {
            const old = lost[which % Math.max(1, lost.length)];
            if (old) expect(() => sweeps.complete(ids[old[0]]!, old[1], [1])).toThrow(/no longer ours/);
          } else if (mine !== undefined) {
            const { at, token } = mine;
            if (what === 'complete') sweeps.complete(ids[at]!, token, [1]);
            else if (what === 'prune') sweeps.prune(ids[at]!, token, 'slow');
            else if (what === 'park') sweeps.park(ids[at]!, token);
            else sweeps.fail(ids[at]!, token, { code: 'X', message: 'x' });
            const again = model[at]!.attempts < 2 ? 'QUEUED' : 'FAILED';
            letGo(at, { complete: 'COMPLETE', prune: 'PRUNED', park: 'QUEUED' }[what as 'park'] ?? again);
            if (what === 'park') model[at]!.attempts--;
          }
          expect(sweeps.trials(id).map(({ state }) => state)).toEqual(model.map(({ state }) => state));
        }
      } finally {
        tracker.close();
      }
    }),
    { numRuns: 40 },
  );
});

it('finds the next trial, an equal one and a sweep by an index', () => {
  const { tracker } = open();
  const plan = (text: string): string =>
    sourceOf(tracker)
      .database.prepare(`EXPLAIN QUERY PLAN ${text}`)
      .all()
      .map((row) => (row as { detail: string }).detail)
      .join('; ');
  expect(
    plan("SELECT id FROM sweep_trials WHERE sweep_id = 1 AND state = 'QUEUED' ORDER BY number LIMIT 1"),
  ).toMatch(/^SEARCH sweep_trials USING COVERING INDEX sweep_trials_by_state/);
  expect(
    plan("SELECT * FROM sweep_trials WHERE key = 'x' AND state = 'COMPLETE' ORDER BY id LIMIT 1"),
  ).toMatch(/^SEARCH sweep_trials USING INDEX sweep_trials_by_key/);
  expect(plan('SELECT state, count(*) FROM sweep_trials WHERE sweep_id = 1 GROUP BY state')).toMatch(
    /^SEARCH sweep_trials USING COVERING INDEX sweep_trials_by_state/,
  );
});
