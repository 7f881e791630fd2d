import { appendFileSync, mkdirSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'results');

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
