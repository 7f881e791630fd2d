import { appendFileSync, mkdirSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';

const FOLDER = resolve(import.meta.dirname, '../../..', 'benchmarks/results');

/** Appends a benchmark's result, with where and when it came about, to benchmarks/results/<date>-<machine>.jsonl. Returns the path. */
export function appendResult(machine: string, result: object): string {
  const date = new Date().toISOString().slice(0, 10);
  const about = {
    machine: `${cpus()[0]?.model}, ${availableParallelism()} cores, ${process.platform} ${process.arch}`,
    ...{ date, node: process.version, loadAverage: loadavg()[0] },
  };
  const file = join(FOLDER, `${date}-${machine}.jsonl`);
  mkdirSync(FOLDER, { recursive: true });
  appendFileSync(file, `${JSON.stringify({ ...result, ...about })}\n`);
  return file;
}
