import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { exportRuns, importRuns } from '../src/index.ts';
import { openTracker } from '@atelier/tracker';
import { makeHome } from '@atelier/tracker/testing/home';
import golden from './fixtures/golden.json' with { type: 'json' };
import { sha256OfFile, writeGoldenEvents, writeGoldenParquet } from './golden-files.ts';

/** `interop-peers.py golden` wrote what pyarrow and tensorboard read from these very bytes. */
describe('files that the real programs have read', () => {
  it('is what pyarrow read as these rows', () => {
    const path = join(makeHome(), 'x.parquet');
    writeGoldenParquet(path);
    expect(sha256OfFile(path)).toBe(golden.parquet.sha256);
    expect(golden.parquet.types.time).toEqual(['timestamp[ms, tz=UTC]', false]);
    expect(golden.parquet.rows.map((row) => row.slice(0, 4))).toEqual([
      [1, null, 'nan', 'a "quoted", text'],
      [Number.MAX_SAFE_INTEGER, -1, 'inf', null],
      [Number.MIN_SAFE_INTEGER, 0, '-inf', ''],
      [4, 2 ** 31, '5e-324', '🚀 läuft\n'],
      [5, -(2 ** 33), '0.30000000000000004', null],
      [6, null, '-0.0', 'last'],
      [7, null, '1.0', 'x'],
      [8, null, '2.0', 'y'],
    ]);
  });

  it('is what tensorboard read as these events', () => {
    const path = join(makeHome(), 'x');
    writeGoldenEvents(path);
    expect(sha256OfFile(path)).toBe(golden.events.sha256);
    expect(golden.events.values.map(([step, , tag, value]) => [step, tag, value])).toEqual([
      [0, 'train/loss', '0.5'],
      [3_000_000_000, 'train/loss', 'nan'],
      [6_000_000_000, 'train/loss', 'inf'],
      [9_000_000_000, 'train/loss', '-2.0'],
      [-1, '🚀', '1.0'],
      [1, 'notes', null],
      [2, 'matrix', null],
    ]);
  });
});

/** A file store that MLflow 3.17 wrote (`interop-peers.py make-mlflow`), its folders renamed, one curve shortened. */
const STORE = fileURLToPath(new URL('fixtures/mlflow-files', import.meta.url));

/** Every file below a folder but `meta.yaml` and MLflow's model registry, by its path. */
function filesOf(root: string, folder = root): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const path = relative(root, file);
    if (statSync(file).isDirectory()) for (const [key, bytes] of filesOf(root, file)) found.set(key, bytes);
    else if (name !== 'meta.yaml' && !path.startsWith('.atelier-export')) found.set(path, readFileSync(file));
  }
  return found;
}

describe('a store that MLflow made', () => {
  it('is imported as runs of ours', async () => {
    using tracker = openTracker({ home: makeHome() });
    await importRuns(tracker, { path: STORE });
    const runs = tracker.listRuns().map(({ id }) => tracker.getRun(id));
    expect(runs.map(({ name, project, status }) => [name, project, status]).sort()).toEqual([
      ['full run', 'vision', 'FINISHED'],
      ['in deleted', 'deleted', 'FINISHED'],
      ['killed: 12:30', 'vision', 'KILLED'],
      ['spaced', 'naïve 名前 "quoted": yes # no', 'FAILED'],
      ['still running', 'Default', 'KILLED'],
    ]);
    const full = runs.find(({ name }) => name === 'full run')!;
    expect(full).toMatchObject({ startedAt: 1700000000123, endedAt: 1700000100000, notes: '# note\nline' });
    expect(full.tags).toEqual(expect.arrayContaining(['baseline', 'kind=resnet', 'emoji=🚀 "x"']));
    expect(full.parameters).toMatchObject({
      lr: 0.1,
      flag: true,
      none: null,
      a: 1,
      big: '12345678901234567890',
    });
    expect(full.config['optimizer']).toEqual({ kind: 'adam' });
    expect(JSON.parse(Buffer.from(tracker.readArtifact(full.id, 'sub/dir/b.json')).toString())).toEqual({
      x: 1,
    });
    const odd = tracker.curves(full.id, { keys: ['odd/values'] }).curves[0]!.points;
    expect(odd.map(({ value }) => value)).toEqual([NaN, Infinity, -Infinity, 1e-320, 0.1 + 0.2, 1.7e308]);
    expect(odd.map(({ wallTime }) => wallTime)).toEqual([0, 1, 2, 3, 4, 5].map((k) => 1700000001000 + k));
  });

  it('comes back byte for byte', async () => {
    using tracker = openTracker({ home: makeHome() });
    await importRuns(tracker, { path: STORE });
    const out = join(makeHome(), 'x');
    await exportRuns(tracker, { format: 'mlflow-files', out });
    const [before, after] = [filesOf(STORE), filesOf(out)];
    expect(before.size).toBeGreaterThan(80);
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    for (const [path, bytes] of before) {
      const values = (text: Buffer): string[][] =>
        text
          .toString()
          .trimEnd()
          .split('\n')
          .map((line) => line.split(' '));
      const isMetric = path.includes('/metrics/');
      const numbers = (text: Buffer): unknown =>
        values(text).map((line) => line.map((word) => Number(word) || word));
      if (isMetric) expect(numbers(after.get(path)!), path).toEqual(numbers(bytes));
      else expect(after.get(path), path).toEqual(bytes);
    }
  });
});
