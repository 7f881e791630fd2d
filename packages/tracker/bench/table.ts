import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { databaseFile, openForWriting } from '../src/database.ts';
import { openTracker, type RunQuery, type Tracker } from '../src/index.ts';
import { storeStart } from '../src/run-start.ts';
import { MetricWriter } from '../src/store/points.ts';

const HELP = `The run table and a long curve at size: 20,000 runs, 8,000,000 points, one curve of a million.

  npx tsx packages/tracker/bench/table.ts [--short] [--keep=<folder>] [--json]

Each query is asked 60 times with other numbers each time; keyset... go on from page to page. --short: 1,000 runs.
--keep: the store stays in this folder, or is taken from there. --json: in one line.`;

const { values: flags } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    keep: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(HELP);
  process.exit();
}
const RUNS = flags.short ? 1000 : 20_000;
const LONG = flags.short ? 100_000 : 1_000_000;
const METRICS = [
  'train/loss',
  'train/accuracy',
  'train/imagesPerSecond',
  'val/loss',
  'val/accuracy',
  'train/learningRate',
  'test/f1',
];
const STEPS = 50;
const home = flags.keep ?? mkdtempSync(join(tmpdir(), 'atelier-table-'));

/** mulberry32 */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
const next = random(1);
const environment = {
  machine: { cpu: 'bench', cores: 2, memoryBytes: 1, platform: 'linux', arch: 'x64' },
  node: process.version,
  engine: { name: 'cpu', version: '1', threads: 1, precision: 'fp32' },
  command: ['bench'],
};

function columns(count: number, keys: number, key: number, value: (step: number) => number) {
  const at = (make: (step: number) => number): Float64Array =>
    Float64Array.from({ length: count }, (_, step) => make(step));
  return {
    step: at((step) => step * 430),
    seq: at((step) => step * keys + key + 1),
    epoch: at((step) => step),
    wallTime: at((step) => 1.79e12 + step * 21_000 + Math.floor(next() * 500)),
    value: at(value),
  };
}

function fill(): number {
  const database = openForWriting(home);
  const metrics = new MetricWriter(database);
  const ids = METRICS.map((name) => metrics.keyId(name));
  const begun = Date.now();
  for (let first = 0; first < RUNS; first += 500) {
    const write = database.transaction(() => {
      for (let at = first; at < first + 500; at++) {
        const config = {
          optimizer: {
            kind: at % 3 === 0 ? 'sgd' : 'adam',
            learningRate: 10 ** (-1 - 4 * next()),
            momentum: next(),
          },
          model: { kind: 'seed-cnn', dropout: next() },
          batchSize: 2 ** (4 + (at % 5)),
          epochs: STEPS,
          seed: at % 10,
        };
        const { id } = storeStart(database, {
          project: `p${at % 4}`,
          name: `run-${at}`,
          config,
          tags: at % 50 === 0 ? ['baseline'] : [],
          environment,
        });
        METRICS.forEach((_, key) => {
          const top = next();
          const points = columns(STEPS, METRICS.length, key, (step) =>
            Math.fround(top * (1 - Math.exp(-step / 10)) + next() * 0.01),
          );
          metrics.appendCurve(id, ids[key]!, points);
        });
        database
          .prepare("UPDATE runs SET status = 'FINISHED', ended_at = started_at + 60000 WHERE id = ?")
          .run(id);
      }
    });
    write();
  }
  const { id } = storeStart(database, { project: 'long', name: 'long', config: {}, environment });
  const key = metrics.keyId('train/loss');
  const long = database.transaction(() =>
    metrics.appendCurve(
      id,
      key,
      columns(LONG, 1, 0, (step) => Math.fround(Math.sin(step / 5000) + (next() < 1e-5 ? 50 : next()))),
    ),
  );
  long();
  database.prepare("UPDATE runs SET status = 'FINISHED', ended_at = started_at + 1 WHERE id = ?").run(id);
  database.exec('ANALYZE');
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
  return Date.now() - begun;
}

const round = (value: number): number => Number(value.toPrecision(4));

function times(count: number, act: (at: number) => unknown) {
  const cpu = process.cpuUsage();
  const found = Array.from({ length: count }, (_, at) => {
    const before = performance.now();
    act(at);
    return performance.now() - before;
  });
  const sorted = found.slice(1).sort((a, b) => a - b);
  const { user, system } = process.cpuUsage(cpu);
  const quantile = (q: number): number => round(sorted[Math.floor(q * sorted.length)]!);
  return {
    n: count,
    firstMs: round(found[0]!),
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    maxMs: round(sorted.at(-1)!),
    // on a busy machine the better figure: time on a core, per query
    cpuMs: round((user + system) / 1000 / count),
  };
}

const COUNT = 60;

function pages(tracker: Tracker, query: RunQuery, rows: number) {
  let cursor: string | undefined;
  const found: { page: number; ms: number }[] = [];
  for (let page = 1; page <= Math.floor(RUNS / rows); page++) {
    const before = performance.now();
    const answer = tracker.queryRuns({ ...query, limit: rows, cursor });
    found.push({ page, ms: performance.now() - before });
    cursor = answer.next;
    if (cursor === undefined) break;
  }
  const mean = (part: typeof found): number => round(part.reduce((sum, { ms }) => sum + ms, 0) / part.length);
  return {
    pages: found.length,
    first10Ms: mean(found.slice(0, 10)),
    last10Ms: mean(found.slice(-10)),
    maxMs: round(Math.max(...found.map(({ ms }) => ms))),
  };
}

function measure(tracker: Tracker) {
  const rate = (at: number): number => 0.001 * (1 + (at % 40));
  const shown = { metrics: ['val/accuracy', 'val/loss'], columns: ['optimizer.learningRate', 'seed'] };
  const long = tracker.findRunId('long');
  const view = tracker.curve(long, 'train/loss', { pixels: 1000 })!;
  const all = tracker.curves(long).curves[0]!.points;
  const exact = {
    min: Math.min(...view.buckets.map((b) => b.min)) === all.reduce((m, p) => Math.min(m, p.value), Infinity),
    max:
      Math.max(...view.buckets.map((b) => b.max)) === all.reduce((m, p) => Math.max(m, p.value), -Infinity),
    points: view.buckets.reduce((sum, b) => sum + b.count, 0) === all.length,
  };
  return {
    newest50: times(COUNT, () => tracker.queryRuns({ limit: 50, ...shown })),
    metricFilterSorted: times(COUNT, (at) =>
      tracker.queryRuns({
        filter: `val/accuracy > ${0.5 + at / 200}`,
        sort: [{ by: 'val/accuracy' }],
        ...shown,
      }),
    ),
    metricAndParameterSorted: times(COUNT, (at) =>
      tracker.queryRuns({
        filter: `val/accuracy > ${0.5 + at / 200} and optimizer.learningRate < ${rate(at)} or tag = "baseline"`,
        sort: [{ by: 'val/accuracy' }],
        ...shown,
      }),
    ),
    sortedByParameter: times(COUNT, (at) =>
      tracker.queryRuns({
        filter: `seed = ${at % 10}`,
        sort: [{ by: 'optimizer.learningRate', order: 'asc' }],
        ...shown,
      }),
    ),
    sortedByMinimum: times(COUNT, () =>
      tracker.queryRuns({ sort: [{ by: 'min(val/loss)', order: 'asc' }], ...shown }),
    ),
    filteredAndCounted: times(COUNT, (at) =>
      tracker.queryRuns({
        filter: `val/accuracy > ${0.5 + at / 200}`,
        sort: [{ by: 'val/accuracy' }],
        count: true,
        ...shown,
      }),
    ),
    allMetrics: times(COUNT, () => tracker.queryRuns({ sort: [{ by: 'val/accuracy' }] })),
    page500: deepPages(tracker, shown),
    keysetNewest: pages(tracker, { ...shown }, 50),
    keysetByMetric: pages(tracker, { sort: [{ by: 'val/accuracy' }], ...shown }, 50),
    curveWhole: times(COUNT, () => tracker.curve(long, 'train/loss', { pixels: 1000 })),
    curveZoomed: times(COUNT, (at) =>
      tracker.curve(long, 'train/loss', {
        from: at * 1_000_000,
        to: at * 1_000_000 + 43_000_000,
        pixels: 1000,
      }),
    ),
    curveBuckets: view.buckets.length,
    curveExact: exact,
  };
}

/** The 500th page of 40 runs (the last of 20,000), by its cursor. */
function deepPages(tracker: Tracker, shown: RunQuery) {
  const query = { ...shown, sort: [{ by: 'val/accuracy' }], limit: 40 };
  let cursor: string | undefined;
  for (let page = 1; page < Math.min(500, Math.floor(RUNS / 40)); page++)
    cursor = tracker.queryRuns({ ...query, cursor }).next;
  return times(COUNT, () => tracker.queryRuns({ ...query, cursor }));
}

const fillMs =
  flags.keep !== undefined && statSync(databaseFile(home), { throwIfNoEntry: false }) ? undefined : fill();
const points = RUNS * METRICS.length * STEPS + LONG;
using tracker = openTracker({ home, readonly: true });
const bytes = statSync(databaseFile(home)).size;
const result = {
  benchmark: 'tracker-table',
  machine: { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, loadAverage: loadavg() },
  runs: RUNS + 1,
  points,
  fillSeconds: fillMs === undefined ? undefined : fillMs / 1000,
  fileMegabytes: round(bytes / 1e6),
  bytesPerPoint: round(bytes / points),
  ...measure(tracker),
};
tracker.close();
if (flags.keep === undefined) rmSync(home, { recursive: true, force: true });
console.log(JSON.stringify(result, undefined, flags.json ? undefined : 2));
