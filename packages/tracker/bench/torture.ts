import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openForWriting } from '../src/database.ts';
import { openTracker, type Tracker } from '../src/index.ts';

/**
 * Many writers, a reader, and kill -9. Every flush that a writer said was stored must be there afterwards, in order, and
 * the file must pass integrity_check. `npx tsx packages/tracker/bench/torture.ts [--short] [--writers=32] [--seconds=60]
 * [--kills=200]`. Prints one JSON object; exit code 1 where anything was lost.
 */
const { values: flags } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    writers: { type: 'string' },
    seconds: { type: 'string' },
    kills: { type: 'string' },
  },
});
const writers = Number(flags.writers ?? (flags.short ? 4 : 32));
const seconds = Number(flags.seconds ?? (flags.short ? 3 : 60));
const kills = Number(flags.kills ?? (flags.short ? 4 : 200));
const WRITER = fileURLToPath(new URL('torture-writer.ts', import.meta.url));

/** A writer and what it has said. */
class Writer {
  readonly name: string;
  readonly process: ChildProcess;
  stored = 0;
  finished: number | undefined;
  readonly complaints: string[] = [];
  private rest = '';

  constructor(home: string, name: string, forSeconds: number, pause: number) {
    this.name = name;
    const args = ['--import', 'tsx', WRITER, home, name, String(forSeconds), String(pause)];
    this.process = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout!.on('data', (text) => this.read(String(text)));
    this.process.stderr!.on('data', (text) => this.complaints.push(String(text)));
  }

  private read(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop()!;
    for (const line of lines) {
      const [word, count] = line.split(' ');
      if (word === 'stored') this.stored = Number(count);
      else if (word === 'finished') this.finished = Number(count);
      else if (word === 'warning') this.complaints.push(line);
    }
  }

  get ended(): Promise<unknown> {
    const { process: child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => child.on('close', resolve));
  }
}

/** What is wrong with the curves of a writer's run. */
function problems(tracker: Tracker, writer: Writer): string[] {
  let id: number;
  try {
    id = tracker.findRunId(writer.name);
  } catch {
    return writer.stored === 0 ? [] : [`${writer.name}: the run is gone`];
  }
  const { curves } = tracker.curves(id);
  const found: string[] = [];
  for (const key of ['count', 'train/loss']) {
    const points = curves.find((curve) => curve.key === key)?.points ?? [];
    const least = writer.finished ?? writer.stored;
    if (points.length < least) found.push(`${writer.name}: ${points.length} of ${least} points of ${key}`);
    if (writer.finished !== undefined && points.length !== writer.finished)
      found.push(`${writer.name}: too many`);
    const wrong = points.findIndex(
      ({ step, value }, at) => step !== at || value !== (key === 'count' ? at : Math.sin(at)),
    );
    if (wrong >= 0)
      found.push(`${writer.name}: point ${wrong} of ${key} is ${JSON.stringify(points[wrong])}`);
  }
  return found;
}

async function readUntil(home: string, done: () => boolean): Promise<{ reads: number; errors: string[] }> {
  const errors: string[] = [];
  let reads = 0;
  using reader = openTracker({ home, readonly: true });
  while (!done()) {
    try {
      for (const run of reader
        .queryRuns({ filter: 'project = "torture"', sort: [{ by: 'created' }] })
        .runs.slice(0, 5)) {
        reader.curves(run.id);
        reader.curve(run.id, 'train/loss', { pixels: 200 });
        reads++;
      }
    } catch (error) {
      errors.push(error instanceof Error ? error.message : String(error));
    }
    await setTimeout(20);
  }
  return { reads, errors };
}

async function contention(home: string) {
  const all = Array.from({ length: writers }, (_, at) => new Writer(home, `writer-${at}`, seconds, 5));
  let done = false;
  await setTimeout(1500);
  const reading = readUntil(home, () => done);
  await Promise.all(all.map((writer) => writer.ended));
  done = true;
  const { reads, errors } = await reading;
  using tracker = openTracker({ home, readonly: true });
  const lost = all.flatMap((writer) => [
    ...problems(tracker, writer),
    ...(writer.finished === undefined ? [`${writer.name}: did not finish`] : []),
  ]);
  const complaints = all.flatMap((writer) => writer.complaints).concat(errors);
  const points = all.reduce((sum, writer) => sum + 2 * (writer.finished ?? 0), 0);
  return { writers, seconds, points, reads, lost, complaints: complaints.slice(0, 10) };
}

async function killing(home: string) {
  const lost: string[] = [];
  let killed = 0;
  let acknowledged = 0;
  let unsound = 0;
  const several = flags.short ? 2 : 4;
  for (let round = 0; killed < kills; round++) {
    const all = Array.from(
      { length: several },
      (_, at) => new Writer(home, `victim-${round}-${at}`, 600, at % 2),
    );
    // at any moment: while it starts, between flushes, within one
    const deadline = Date.now() + 15_000;
    while (all.some((writer) => writer.stored === 0) && Date.now() < deadline) await setTimeout(10);
    for (const writer of all) {
      await setTimeout(Math.random() * 120);
      writer.process.kill('SIGKILL');
      await writer.ended;
      killed++;
    }
    using tracker = openTracker({ home });
    for (const writer of all) {
      lost.push(...problems(tracker, writer));
      acknowledged += writer.stored;
      const { status } = tracker.getRun(tracker.findRunId(writer.name));
      if (status !== 'FAILED') lost.push(`${writer.name} is ${status}`);
    }
    const database = openForWriting(home);
    if (database.pragma('integrity_check', { simple: true }) !== 'ok') unsound++;
    database.close();
  }
  return { killed, acknowledged: 2 * acknowledged, lost, unsound };
}

const home = mkdtempSync(join(tmpdir(), 'atelier-torture-'));
const result = { contention: await contention(home), killing: await killing(home) };
rmSync(home, { recursive: true, force: true });
process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
const { contention: c, killing: k } = result;
if (c.lost.length + c.complaints.length + k.lost.length + k.unsound > 0) process.exitCode = 1;
