import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ENVIRONMENT, START } from '../test/home-data.ts';
import { makeHome } from '../test/home.ts';
import { artifactFile } from './artifact-store.ts';
import { ArtifactError, openTracker, RunFinishedError, RunUnknownError, TrackerInputError } from './index.ts';

describe('a run', () => {
  it('comes back as it was started', () => {
    using tracker = openTracker({ home: makeHome() });
    using run = tracker.startRun({
      ...START,
      group: 'g',
      tags: ['baseline'],
      notes: 'why',
      datasetDigest: 'd1',
    });
    expect(tracker.getRun(run.id)).toMatchObject({
      project: 'fashion',
      group: 'g',
      name: `seed-cnn-${run.id}`,
      status: 'RUNNING',
      tags: ['baseline'],
      notes: 'why',
      datasetDigest: 'd1',
      engine: 'wasm',
      config: START.config,
      environment: ENVIRONMENT,
      parameters: {
        'model.kind': 'seed-cnn',
        'model.filters': '[32,64,128]',
        'model.batchNorm': true,
        'optimizer.learningRate': 0.001,
        earlyStopping: null,
      },
    });
    expect(tracker.getRun(run.id).durationMs).toBeUndefined();
  });

  it('keeps curves in order with NaN, infinities and steps that go back', () => {
    using tracker = openTracker({ home: makeHome() });
    using run = tracker.startRun(START);
    const values = [0.5, NaN, Infinity, -Infinity, 1e-300, 0.25];
    values.forEach((value, index) =>
      run.log({ 'train/loss': value }, { step: index === 5 ? 1 : index, epoch: index / 2 }),
    );
    run.log({ 'val/loss': NaN }, { step: 9 });
    expect(run.flush()).toBe(true);
    const { seq, curves } = tracker.curves(run.id);
    expect(seq).toBe(7);
    expect(curves.map((curve) => curve.key)).toEqual(['train/loss', 'val/loss']);
    expect(curves[0]!.points.map((point) => point.value)).toEqual(values);
    expect(curves[0]!.points.map((point) => point.step)).toEqual([0, 1, 2, 3, 4, 1]);
    expect(curves[0]!.points[3]!.epoch).toBe(1.5);
    expect(curves[1]!.points[0]).toMatchObject({ step: 9, epoch: undefined, value: NaN });
    expect(tracker.listRuns()[0]!.metrics).toEqual({ 'train/loss': 0.25, 'val/loss': NaN });
  });

  it('hands out only what is new, and only the keys asked for', () => {
    using tracker = openTracker({ home: makeHome() });
    using run = tracker.startRun(START);
    run.log({ a: 1, b: 2 }, { step: 1 });
    run.flush();
    const first = tracker.curves(run.id);
    expect(tracker.curves(run.id, { afterSeq: first.seq })).toEqual({ seq: first.seq, curves: [] });
    run.log({ b: 3 }, { step: 2 });
    run.flush();
    const next = tracker.curves(run.id, { afterSeq: first.seq });
    expect(next.curves.map(({ key, points }) => [key, points.map((point) => point.value)])).toEqual([
      ['b', [3]],
    ]);
    expect(tracker.curves(run.id, { keys: ['a'] }).curves.map((curve) => curve.key)).toEqual(['a']);
  });

  it('shows last values in the list, and the summary over them', () => {
    using tracker = openTracker({ home: makeHome() });
    using run = tracker.startRun(START);
    run.log({ 'val/accuracy': 0.7, 'val/loss': 0.4 }, { step: 1 });
    run.log({ 'val/accuracy': 0.6 }, { step: 2 });
    run.setSummary({ 'val/loss': 0.3, 'test/accuracy': 0.91, 'test/loss': NaN });
    run.finish();
    expect(tracker.listRuns()[0]).toMatchObject({
      status: 'FINISHED',
      metrics: { 'val/accuracy': 0.6, 'val/loss': 0.3, 'test/accuracy': 0.91, 'test/loss': NaN },
    });
    expect(tracker.listRuns()[0]!.durationMs).toBeGreaterThanOrEqual(0);
  });

  it('takes no less than no time where the clock was set back', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    try {
      using tracker = openTracker({ home: makeHome() });
      const run = tracker.startRun(START);
      vi.setSystemTime(Date.now() - 3_600_000);
      run.finish();
      const { durationMs, startedAt, endedAt } = tracker.getRun(run.id);
      expect(durationMs).toBe(0);
      expect(endedAt).toBe(startedAt);
    } finally {
      vi.useRealTimers();
    }
  });

  it('refuses everything once it has ended', () => {
    using tracker = openTracker({ home: makeHome() });
    const run = tracker.startRun(START);
    run.finish();
    for (const act of [
      () => run.log({ a: 1 }, { step: 1 }),
      () => run.setSummary({ a: 1 }),
      () => run.logArtifact('a', new Uint8Array(1), 'text/plain'),
      () => run.finish(),
      () => run.fail({ code: 'X', message: 'x' }),
    ]) {
      expect(act).toThrow(RunFinishedError);
    }
  });

  it.each([
    ['fail', 'FAILED', 'DIVERGED', 120],
    ['kill', 'KILLED', 'KILLED', undefined],
    ['prune', 'PRUNED', 'PRUNED', undefined],
  ] as const)('can %s', (how, status, code, step) => {
    using tracker = openTracker({ home: makeHome() });
    const run = tracker.startRun(START);
    if (how === 'fail') run.fail({ code: 'DIVERGED', message: 'loss is NaN', step: 120 });
    else run[how]('because');
    const { error, ...found } = tracker.getRun(run.id);
    expect(found.status).toBe(status);
    expect(error).toMatchObject({ code, ...(step !== undefined && { step }) });
  });

  it('fails when its scope is left before its end', () => {
    using tracker = openTracker({ home: makeHome() });
    expect(() => {
      using run = tracker.startRun(START);
      run.log({ 'train/loss': 1 }, { step: 1 });
      throw new Error('boom');
    }).toThrow('boom');
    expect(tracker.getRun(1)).toMatchObject({ status: 'FAILED', error: { code: 'UNFINISHED' } });
    expect(tracker.curves(1).curves[0]!.points.length).toBe(1);
  });

  it('refuses a start that makes no sense', () => {
    using tracker = openTracker({ home: makeHome() });
    expect(() => tracker.startRun({ ...START, project: ' ' })).toThrow(TrackerInputError);
    expect(() => tracker.startRun({ ...START, config: { rate: NaN } })).toThrow('config: rate is NaN');
    expect(tracker.listRuns()).toEqual([]);
  });

  it('warns about values and steps that cannot be logged and goes on', () => {
    const warnings: string[] = [];
    using tracker = openTracker({ home: makeHome(), onWarning: ({ message }) => warnings.push(message) });
    using run = tracker.startRun(START);
    run.log({ a: 'high' as unknown as number, b: 2 }, { step: 1 });
    run.log({ a: 1 }, { step: 1.5 });
    run.flush();
    expect(warnings).toEqual([
      expect.stringContaining('a at step 1 is string'),
      expect.stringContaining('step 1.5'),
    ]);
    expect(tracker.listRuns()[0]!.metrics).toEqual({ b: 2 });
  });
});

describe('the list of runs', () => {
  it('filters, and goes on page by page', () => {
    using tracker = openTracker({ home: makeHome() });
    for (const project of ['a', 'b', 'a', 'b', 'a']) tracker.startRun({ ...START, project }).finish();
    tracker.startRun({ ...START, project: 'a' }).kill('enough');
    const ids = (filter: Parameters<typeof tracker.listRuns>[0]) =>
      tracker.listRuns(filter).map((run) => run.id);
    expect(ids({})).toEqual([6, 5, 4, 3, 2, 1]);
    expect(ids({ project: 'a' })).toEqual([6, 5, 3, 1]);
    expect(ids({ project: 'a', status: 'FINISHED' })).toEqual([5, 3, 1]);
    expect(ids({ limit: 2 })).toEqual([6, 5]);
    expect(ids({ limit: 2, before: 5 })).toEqual([4, 3]);
  });

  it('finds a run by id or name, the newest of a name, and proposes the nearest', () => {
    using tracker = openTracker({ home: makeHome() });
    tracker.startRun({ ...START, name: 'baseline' }).finish();
    tracker.startRun({ ...START, name: 'baseline' }).finish();
    expect(tracker.findRunId('baseline')).toBe(2);
    expect(tracker.findRunId('1')).toBe(1);
    expect(() => tracker.findRunId('baselin')).toThrow('there is no run "baselin". Did you mean baseline?');
    expect(() => tracker.getRun(99)).toThrow(RunUnknownError);
  });
});

describe('artifacts', () => {
  it('are stored once by content, and replaced by path', () => {
    const home = makeHome();
    using tracker = openTracker({ home });
    using run = tracker.startRun(START);
    using other = tracker.startRun(START);
    run.logArtifact('model/weights.bin', Uint8Array.of(1, 2, 3), 'application/octet-stream');
    other.logArtifact('copy.bin', Uint8Array.of(1, 2, 3), 'application/octet-stream');
    const files = readdirSync(join(home, 'artifacts'), { recursive: true, withFileTypes: true });
    expect(files.filter((entry) => entry.isFile()).length).toBe(1);
    expect(tracker.getRun(run.id).artifacts[0]!.sha256).toBe(
      '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81',
    );
    expect([...tracker.readArtifact(other.id, 'copy.bin')]).toEqual([1, 2, 3]);
    run.logArtifact('model/weights.bin', Uint8Array.of(4), 'application/octet-stream');
    expect([...tracker.readArtifact(run.id, 'model/weights.bin')]).toEqual([4]);
  });

  it('are never handed out damaged', () => {
    const home = makeHome();
    using tracker = openTracker({ home });
    using run = tracker.startRun(START);
    run.logArtifact('a', Uint8Array.of(1), 'text/plain');
    writeFileSync(artifactFile(home, tracker.getRun(run.id).artifacts[0]!.sha256), 'x');
    expect(() => tracker.readArtifact(run.id, 'a')).toThrow(ArtifactError);
    expect(() => tracker.readArtifact(run.id, 'b')).toThrow('b is not among the artifacts of run 1');
  });
});

describe('the prediction ledger', () => {
  const dataset = {
    digest: 'd1',
    name: 'pets',
    classNames: ['cat', 'dog', 'cow'],
    image: { height: 28, width: 28, channels: 1 },
    splits: { test: { labels: Uint8Array.of(2, 0), indices: Uint32Array.of(3, 70_000) } },
  };
  const probabilities = Float32Array.of(0.2, 0.1, 0.7, 0.5, 0.25, 0.25);

  it('keeps classes exactly and probabilities to three digits', () => {
    using tracker = openTracker({ home: makeHome() });
    using run = tracker.startRun(START);
    run.logDataset(dataset);
    run.logPredictions({ split: 'test', checkpoint: 'last', datasetDigest: 'd1', classes: 3, probabilities });
    const found = tracker.predictions(run.id, { split: 'test' })!;
    expect(found).toMatchObject({ classes: 3, datasetDigest: 'd1', checkpoint: 'last' });
    expect([...found.predicted]).toEqual([2, 0]);
    found.probabilities.forEach((value, index) =>
      expect(Math.abs(value - probabilities[index]!)).toBeLessThan(5e-4),
    );
    expect(tracker.dataset('d1')).toEqual(dataset);
    expect(tracker.getRun(run.id).datasetDigest).toBe('d1');
    expect(tracker.predictions(run.id, { split: 'val' })).toBeUndefined();
    expect(tracker.dataset('d2')).toBeUndefined();
  });

  it('replaces the same checkpoint and finds the newest or the one named', () => {
    using tracker = openTracker({ home: makeHome() });
    using run = tracker.startRun(START);
    const log = (checkpoint: string, row: number[]) =>
      run.logPredictions({
        split: 'test',
        checkpoint,
        datasetDigest: 'd1',
        classes: 3,
        probabilities: Float32Array.from(row),
      });
    log('best', [1, 0, 0]);
    log('last', [0, 1, 0]);
    expect(tracker.predictions(run.id, { split: 'test' })!.checkpoint).toBe('last');
    log('last', [0, 0, 1]);
    expect([...tracker.predictions(run.id, { split: 'test' })!.predicted]).toEqual([2]);
    expect([...tracker.predictions(run.id, { split: 'test', checkpoint: 'best' })!.predicted]).toEqual([0]);
    expect(tracker.getRun(run.id).ledgers.length).toBe(2);
    expect(() => log('best', [1, 0])).toThrow(TrackerInputError);
  });
});
