import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type ExportFormat, exportRuns, importRuns, openBundle } from '../src/index.ts';
import { openTracker, type Tracker } from '@atelier/tracker';
import { makeHome } from '@atelier/tracker/testing/home';
import { START } from '@atelier/tracker/testing/home-data';
import { identityOf } from '../src/run-identity.ts';
import { recordOddRuns } from './interop-data.ts';

const FORMATS: readonly ExportFormat[] = [
  'csv',
  'jsonl',
  'parquet',
  'tensorboard',
  'mlflow',
  'mlflow-files',
  'bundle',
];

function recorded(): { tracker: Tracker; folder: string } {
  const tracker = recordOddRuns(join(makeHome(), 'home'));
  onTestFinished(() => tracker.close());
  return { tracker, folder: makeHome() };
}

function allCurves(tracker: Tracker, id: number) {
  return tracker.curves(id).curves;
}

describe('every format', () => {
  it.each(FORMATS)('%s leaves an existing target alone, and replaces its own with force', async (format) => {
    using tracker = recordOddRuns(join(makeHome(), 'home'));
    const out = join(makeHome(), 'deep', 'export');
    const report = await exportRuns(tracker, { format, out });
    expect(report).toMatchObject({ runs: [1, 2, 3], points: 307, format });
    await expect(exportRuns(tracker, { format, out })).rejects.toMatchObject({
      code: 'EXPORT_TARGET',
      usage: true,
    });
    await exportRuns(tracker, { format, out, force: true, runs: '2' });
    expect(readdirSync(join(out, '..'))).toEqual(['export']);
  });

  it.each(FORMATS)('%s leaves nothing where it is interrupted', async (format) => {
    const { tracker, folder } = recorded();
    const controller = new AbortController();
    const onProgress = ({ done }: { done: number }): void => void (done === 1 && controller.abort());
    const work = exportRuns(tracker, {
      format,
      out: join(folder, 'x'),
      signal: controller.signal,
      onProgress,
    });
    await expect(work).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('never replaces a folder that something else made', async () => {
    const { tracker, folder } = recorded();
    writeFileSync(join(folder, 'precious'), 'x');
    const work = exportRuns(tracker, { format: 'csv', out: folder, force: true });
    await expect(work).rejects.toThrow('was not made by an export');
    expect(readdirSync(folder)).toEqual(['precious']);
  });
});

describe('the selection of runs', () => {
  it.each([
    ['1,3', [1, 3]],
    ['2-9', [2, 3]],
    ['broken, 1', [1, 2]],
    [undefined, [1, 2, 3]],
  ])('takes %s', async (runs, expected) => {
    const { tracker, folder } = recorded();
    expect((await exportRuns(tracker, { format: 'jsonl', out: join(folder, 'x'), runs })).runs).toEqual(
      expected,
    );
  });

  it.each([
    ['brokn', 'Did you mean broken'],
    ['9-2', 'runs backwards'],
    ['7-9', 'no run from 7 to 9'],
    ['1,,2', 'no list of runs'],
  ])('refuses %s', async (runs, message) => {
    const { tracker, folder } = recorded();
    await expect(exportRuns(tracker, { format: 'csv', out: join(folder, 'x'), runs })).rejects.toThrow(
      message,
    );
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });

  it('names the projects where there is no such one', async () => {
    const { tracker, folder } = recorded();
    const work = exportRuns(tracker, { format: 'csv', out: join(folder, 'x'), project: 'fashon' });
    await expect(work).rejects.toThrow('projects: fashion, vision/"odd"');
  });
});

describe('csv and jsonl', () => {
  it('keep every point', async () => {
    const { tracker, folder } = recorded();
    await exportRuns(tracker, { format: 'csv', out: join(folder, 'csv') });
    const lines = readFileSync(join(folder, 'csv', 'points.csv'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines[0]).toBe('runId,key,step,epoch,wallTime,value');
    expect(lines).toHaveLength(308);
    const odd = lines
      .filter((line) => line.startsWith('1,odd,'))
      .map((line) => line.replace(/,2\d{3}-[^,]*Z/, ''));
    expect(odd).toEqual([
      '1,odd,5,,NaN',
      '1,odd,3,,Infinity',
      '1,odd,-2,1.5,-Infinity',
      '1,odd,9007199254740991,,5e-324',
    ]);
    const runs = readFileSync(join(folder, 'csv', 'runs.csv'), 'utf8');
    expect(runs).toContain('"läuft ""schnell"" 🚀/1"');
    expect(runs).toContain('"first line\nsecond, ""line"""');
    await exportRuns(tracker, { format: 'jsonl', out: join(folder, 'jsonl') });
    const items = readFileSync(join(folder, 'jsonl'), 'utf8').trimEnd().split('\n');
    const points = items
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ type }) => type === 'point');
    expect(points).toHaveLength(307);
    expect(points.find(({ key, step }) => key === 'odd' && step === -2)).toMatchObject({
      value: '-Infinity',
      epoch: 1.5,
    });
  });
});

describe('a bundle', () => {
  it('opens as a project elsewhere, read-only or imported, with nothing lost', async () => {
    const { tracker, folder } = recorded();
    const out = join(folder, 'runs.sqlite');
    await exportRuns(tracker, { format: 'bundle', out, runs: '1,3' });
    expect(readdirSync(folder)).toEqual(['runs.sqlite']);
    const home = makeHome();
    using other = openTracker({ home });
    const report = await importRuns(other, { path: out });
    expect(report).toMatchObject({
      from: 'bundle',
      imported: [{ id: 1 }, { id: 2 }],
      skipped: [],
      points: 306,
    });
    using direct = openBundle(out);
    expect(direct.listRuns().map(({ id }) => id)).toEqual([3, 1]);
    for (const [copy, id] of [
      [direct, 1],
      [other, 1],
    ] as const) {
      const run = tracker.getRun(1);
      expect(copy.getRun(id)).toEqual({ ...run, heartbeatAt: undefined });
      expect(identityOf(copy.getRun(id))).toBe(identityOf(tracker.getRun(1)));
      expect(allCurves(copy, id)).toEqual(allCurves(tracker, 1));
      expect(Buffer.from(copy.readArtifact(id, 'weights/w.bin'))).toEqual(
        Buffer.from(tracker.readArtifact(1, 'weights/w.bin')),
      );
      expect(copy.predictions(id, { split: 'test' })).toEqual(tracker.predictions(1, { split: 'test' }));
      expect(copy.dataset(run.datasetDigest!)).toEqual(tracker.dataset(run.datasetDigest!));
    }
    expect(() => direct.startRun(undefined as never)).toThrow('reading only');
    expect(other.getRun(2)).toMatchObject({ status: 'PRUNED', error: { message: 'slow' } });
  });

  it('is not imported twice, nor into the home it is from', async () => {
    const { tracker, folder } = recorded();
    const path = join(folder, 'x.sqlite');
    await exportRuns(tracker, { format: 'bundle', out: path });
    expect(await importRuns(tracker, { path })).toMatchObject({
      imported: [],
      skipped: [{ id: 1 }, { id: 2 }, { id: 3 }],
    });
    using other = openTracker({ home: makeHome() });
    await importRuns(other, { path, project: 'theirs' });
    expect(await importRuns(other, { path })).toMatchObject({ imported: [], skipped: { length: 3 } });
    expect(new Set(other.listRuns().map(({ project }) => project))).toEqual(new Set(['theirs']));
  });

  it('imports another home as a bundle', async () => {
    const { tracker } = recorded();
    using other = openTracker({ home: makeHome() });
    expect((await importRuns(other, { path: tracker.home })).imported).toHaveLength(3);
    expect(identityOf(other.getRun(1))).toBe(identityOf(tracker.getRun(1)));
  });

  it('keeps only whole runs where the import is interrupted, and goes on later', async () => {
    const { tracker, folder } = recorded();
    const path = join(folder, 'x.sqlite');
    await exportRuns(tracker, { format: 'bundle', out: path });
    using other = openTracker({ home: makeHome() });
    const controller = new AbortController();
    const onProgress = ({ done }: { done: number }): void => void (done === 1 && controller.abort());
    await expect(importRuns(other, { path, signal: controller.signal, onProgress })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    expect(other.listRuns().map(({ status }) => status)).toEqual(['FINISHED']);
    expect(await importRuns(other, { path })).toMatchObject({
      imported: { length: 2 },
      skipped: { length: 1 },
    });
  });
});

describe.each(['mlflow', 'mlflow-files'] as const)('%s', (format) => {
  it('gives our own runs back, ledgers and epochs apart', async () => {
    const { tracker, folder } = recorded();
    const out = join(folder, 'x');
    await exportRuns(tracker, { format, out });
    using other = openTracker({ home: makeHome() });
    expect((await importRuns(other, { path: out })).imported).toHaveLength(3);
    const run = tracker.getRun(1);
    const lost = { id: 1, ledgers: [], heartbeatAt: undefined, artifacts: expect.any(Array) };
    expect(other.getRun(1)).toEqual({ ...run, ...lost });
    const points = (from: Tracker) =>
      allCurves(from, 1).map(({ key, points }) => [
        key,
        points.map(({ step, wallTime, value }) => [step, wallTime, String(value)]).sort(),
      ]);
    expect(points(other)).toEqual(points(tracker));
    expect(other.readArtifact(1, 'weights/w.bin')).toEqual(
      Buffer.from(tracker.readArtifact(1, 'weights/w.bin')),
    );
    expect(other.listRuns().map(({ status }) => status)).toEqual(['PRUNED', 'FAILED', 'FINISHED']);
    expect(await importRuns(other, { path: out })).toMatchObject({ imported: [], skipped: { length: 3 } });
    expect(await importRuns(tracker, { path: out })).toMatchObject({ imported: [], skipped: { length: 3 } });
  });
});

describe.each(['mlflow', 'mlflow-files', 'bundle'] as const)('%s', (format) => {
  it('keeps the order of runs that began in the same millisecond', async () => {
    const clock = vi.spyOn(Date, 'now').mockReturnValue(1_700_000_000_000);
    onTestFinished(() => clock.mockRestore());
    using tracker = openTracker({ home: makeHome() });
    const names = Array.from({ length: 12 }, (_, at) => `run-${at}`);
    for (const name of names) tracker.startRun({ ...START, name }).finish();
    clock.mockRestore();
    const out = join(makeHome(), 'x');
    await exportRuns(tracker, { format, out });
    using other = openTracker({ home: makeHome() });
    const { imported } = await importRuns(other, { path: out });
    expect(imported.map(({ name }) => name)).toEqual(names);
  });
});

describe('an import refuses', () => {
  it.each([
    ['what is not there', undefined, 'does not exist'],
    ['a text', 'hello', 'neither a bundle nor an MLflow database'],
    ['an empty file', '', 'neither a bundle nor an MLflow database'],
    ['a file that only begins like SQLite', 'SQLite format 3\0 and no more', 'cannot be read'],
  ])('%s', async (_, content, message) => {
    const folder = makeHome();
    using tracker = openTracker({ home: join(folder, 'home') });
    const path = join(folder, 'x');
    if (content !== undefined) writeFileSync(path, content);
    await expect(importRuns(tracker, { path })).rejects.toThrow(message);
    expect(tracker.listRuns()).toEqual([]);
  });

  it('an empty folder, and a store that is not what --from says', async () => {
    const { tracker, folder } = recorded();
    mkdirSync(join(folder, 'empty'));
    await expect(importRuns(tracker, { path: join(folder, 'empty') })).rejects.toThrow('holds neither');
    const path = join(folder, 'x');
    await exportRuns(tracker, { format: 'mlflow', out: path });
    await expect(importRuns(tracker, { path, from: 'bundle' })).rejects.toThrow('of kind mlflow, not bundle');
    await expect(importRuns(tracker, { path: join(tracker.home, 'atelier.db') })).rejects.toThrow(
      'import its folder',
    );
  });

  it('a damaged run of a bundle, and takes the others', async () => {
    const { tracker, folder } = recorded();
    const path = join(folder, 'x');
    await exportRuns(tracker, { format: 'bundle', out: path });
    const bytes = readFileSync(path);
    const at = bytes.indexOf(Buffer.from(Uint8Array.from({ length: 200 }, (_, index) => index)));
    bytes[at + 100]! ^= 1;
    writeFileSync(path, bytes);
    using other = openTracker({ home: makeHome() });
    const { imported, refused } = await importRuns(other, { path });
    expect(imported.map(({ name }) => name)).toEqual(['broken', 'other-3']);
    expect(refused).toMatchObject([
      { name: 'läuft "schnell" 🚀/1', reason: expect.stringContaining('is damaged') },
    ]);
    expect(other.listRuns().length).toBe(2);
  });
});
