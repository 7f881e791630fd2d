import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openForWriting } from '../src/database.ts';
import { openTracker } from '../src/index.ts';
import { makeHome, runChild, startChild } from './home.ts';

describe('several processes', () => {
  it('open a fresh home at once: each migration runs once', async () => {
    const home = makeHome();
    const at = String(Date.now() + 2500);
    const children = await Promise.all(Array.from({ length: 8 }, () => runChild('open', home, at)));
    expect(children).toEqual(Array.from({ length: 8 }, () => ({ code: 0, output: 'opened 0' })));
  });

  it('write at once: nothing is lost, nothing is locked', async () => {
    const home = makeHome();
    const count = 5000;
    const names = ['a', 'b', 'c', 'd'];
    const children = await Promise.all(names.map((name) => runChild('write', home, name, String(count))));
    expect(children).toEqual(names.map(() => ({ code: 0, output: '' })));
    using tracker = openTracker({ home });
    const steps = Array.from({ length: count }, (_, step) => step);
    for (const name of names) {
      const id = tracker.findRunId(name);
      expect(tracker.getRun(id).status).toBe('FINISHED');
      const { curves } = tracker.curves(id);
      expect(curves.map((curve) => curve.key)).toEqual(['train/accuracy', 'train/loss']);
      expect(curves[1]!.points.map((point) => point.value)).toEqual(steps);
    }
  });
});

/** What children/die.ts says: steps, and when each was logged in milliseconds. */
function loggedBy(said: string): [step: number, at: number][] {
  const lines = said.split('\n').slice(0, -1);
  return lines
    .filter((line) => /^\d+ \d+$/.test(line))
    .map((line) => line.split(' ').map(Number) as [number, number]);
}

/** How many steps a writer has said are stored. */
function acknowledgedBy(said: string): number {
  const lines = said.split('\n').slice(0, -1);
  return Number(lines.at(-1)?.split(' ')[1] ?? 0);
}

describe('a process that dies', () => {
  it('by kill -9 among others that write keeps every flush that it was told of', async () => {
    const home = makeHome();
    const writers = ['a', 'b', 'c', 'd'].map((name, at) => {
      const child = startChild('acknowledge', home, name);
      const writer = { name, said: '' };
      const dead = new Promise<void>((resolve) => child.on('close', () => resolve()));
      child.stdout.on('data', (text) => {
        writer.said += String(text);
        // at different moments, and while the others go on
        if (writer.said.split('\n').length > 1 + 2 * at) child.kill('SIGKILL');
      });
      return { writer, dead };
    });
    await Promise.all(writers.map(({ dead }) => dead));
    using tracker = openTracker({ home });
    // those that died early were found by writers that began later
    expect(tracker.listRuns().map(({ status }) => status)).toEqual(writers.map(() => 'FAILED'));
    for (const { writer } of writers) {
      const acknowledged = acknowledgedBy(writer.said);
      expect(acknowledged).toBeGreaterThan(0);
      const { curves } = tracker.curves(tracker.findRunId(writer.name));
      expect(curves.map(({ key }) => key)).toEqual(['train/accuracy', 'train/loss']);
      const [accuracy, loss] = curves.map(({ points }) => points);
      expect(accuracy!.length).toBeGreaterThanOrEqual(acknowledged);
      expect(loss!.length).toBe(accuracy!.length);
      const wrong = accuracy!.findIndex(
        ({ step, value }, at) => step !== at || value !== at || loss![at]!.value !== Math.sin(at),
      );
      expect(wrong).toBe(-1);
    }
    expect(openForWriting(home).pragma('integrity_check', { simple: true })).toBe('ok');
  });

  it('by kill -9 loses only what was logged last, and its run is found and marked', async () => {
    const home = makeHome();
    const child = startChild('die', home);
    let said = '';
    child.stdout.on('data', (text) => (said += String(text)));
    // a stream is stored every second
    const spanMs = (): number => (loggedBy(said).at(-1)?.[1] ?? 0) - (loggedBy(said)[0]?.[1] ?? 0);
    while (spanMs() < 4000) await setTimeout(20);
    {
      using watcher = openTracker({ home });
      expect(watcher.recovered).toEqual([]);
      expect(watcher.listRuns()[0]!.status).toBe('RUNNING');
    }
    child.kill('SIGKILL');
    await new Promise((resolve) => child.on('close', resolve));

    const logged = loggedBy(said);
    using tracker = openTracker({ home });
    expect(tracker.recovered).toEqual([
      expect.objectContaining({ id: 1, reason: expect.stringContaining(`process ${child.pid} died`) }),
    ]);
    const run = tracker.getRun(1);
    expect(run).toMatchObject({ status: 'FAILED', error: { code: 'PROCESS_DIED' } });
    expect(run.error!.message).toMatch(/last heartbeat \d{4}-/);
    const kept = tracker.curves(1).seq;
    const lost = logged.filter(([step]) => step > kept);
    // the last second, and two more for a thread that a busy machine does not let run
    const lastAt = logged.at(-1)![1];
    for (const [, at] of lost) expect(lastAt - at).toBeLessThan(3000);
    openTracker({ home }).close();
    expect(openForWriting(home).pragma('integrity_check', { simple: true })).toBe('ok');
  });

  it('by process.exit fails its run at once, with nothing lost', async () => {
    const home = makeHome();
    expect((await runChild('leave', home)).code).toBe(3);
    using reader = openTracker({ home, readonly: true });
    const run = reader.getRun(1);
    expect(run).toMatchObject({ status: 'FAILED', error: { code: 'PROCESS_EXITED' } });
    expect(run.error!.message).toContain('exit code 3');
    expect(reader.curves(1).seq).toBe(1);
  });
});
