import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { gunzipSync } from 'node:zlib';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { exportRuns, importRuns } from '../src/index.ts';
import { openTracker } from '@atelier/tracker';
import { makeHome } from '@atelier/tracker/testing/home';
import golden from './fixtures/golden.json' with { type: 'json' };
import { sha256OfFile, writeGoldenEvents, writeGoldenParquet } from './golden-files.ts';

const compressors = { GZIP: (page: Uint8Array) => gunzipSync(page) };

/** `interop-peers.py golden` wrote what pyarrow and tensorboard read from these files. */
describe('files that the real programs have read', () => {
  it('is what pyarrow read as these rows', async () => {
    const path = join(makeHome(), 'x.parquet');
    writeGoldenParquet(path);
    // gzip may pack the same pages otherwise: compared is what a reader finds
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path), compressors });
    const text = (value: unknown): unknown =>
      value instanceof Date ? String(value.getTime()) : typeof value === 'bigint' ? Number(value) : value;
    const floats = (value: unknown): unknown =>
      typeof value === 'string' ? Number(value.replace('inf', 'Infinity')) : value;
    expect(rows.map((row) => Object.values(row).map(text))).toEqual(
      golden.parquet.rows.map((row) => row.map((cell, at) => (at === 2 ? floats(cell) : cell))),
    );
    expect(Object.keys(rows[0]!)).toEqual(Object.keys(golden.parquet.types));
    expect(golden.parquet.types.time).toEqual(['timestamp[ms, tz=UTC]', false]);
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
