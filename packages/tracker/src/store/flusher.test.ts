import { setTimeout } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { START } from '../../test/home-data.ts';
import { makeHome } from '../../test/home.ts';
import { databaseFile, openForWriting } from '../database.ts';
import { storeStart } from '../run-start.ts';
import { readCurves } from './curve-reader.ts';
import { Flusher } from './flusher.ts';
import { PointBuffer } from './point-buffer.ts';

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setTimeout(5);
}

function made() {
  const home = makeHome();
  const database = openForWriting(home);
  const failures: unknown[] = [];
  const flusher = new Flusher(databaseFile(home), 1000, {
    onReturn: () => undefined,
    onBroken: (cause) => failures.push(cause),
  });
  onTestFinished(() => {
    flusher.close();
    database.close();
  });
  return { database, flusher, failures, ...storeStart(database, START) };
}

it('the thread starts, and stores what it is given', async () => {
  const { database, flusher, failures, id } = made();
  flusher.start();
  await until(() => flusher.ready || failures.length > 0);
  expect(failures).toEqual([]);
  const buffer = new PointBuffer();
  for (let step = 0; step < 10_000; step++) {
    if (buffer.full) flusher.post(buffer.take(id, 1), ['train/loss'], true);
    buffer.push(0, step, NaN, 1, Math.fround(step / 3));
  }
  flusher.post(buffer.take(id, 8193), ['train/loss'], false);
  expect(flusher.settle()).toBe(true);
  expect(flusher.takeReturned(id)).toEqual([]);
  const { points } = readCurves(database, id, undefined, 0).curves[0]!;
  expect(points.map(({ value }) => value)).toEqual(
    Array.from({ length: 10_000 }, (_, step) => Math.fround(step / 3)),
  );
});

it('heartbeats without points are stored too', async () => {
  const { database, flusher, failures, id } = made();
  const beat = database.prepare('SELECT heartbeat_at FROM owners WHERE run_id = ?').pluck();
  database.prepare('UPDATE owners SET heartbeat_at = 0 WHERE run_id = ?').run(id);
  flusher.start();
  await until(() => flusher.ready || failures.length > 0);
  flusher.beat(id);
  await until(() => Number(beat.get(id)) > 0);
});

it('a thread that cannot work says so once', async () => {
  const failures: unknown[] = [];
  const flusher = new Flusher('/nowhere/atelier.db', 1000, {
    onReturn: () => undefined,
    onBroken: (cause) => failures.push(cause),
  });
  flusher.start();
  await until(() => failures.length > 0);
  expect(failures[0]).toBeInstanceOf(Error);
  expect(String(failures[0])).toContain('directory does not exist');
  expect(flusher.ready).toBe(false);
  flusher.start();
  expect(failures).toHaveLength(1);
});

it('a thread that is no longer wanted when it fails says nothing', async () => {
  const failures: unknown[] = [];
  const events = { onReturn: () => undefined, onBroken: (cause: unknown) => failures.push(cause) };
  const [closed, open] = [1, 2].map(() => new Flusher('/nowhere/atelier.db', 1000, events));
  closed!.start();
  closed!.close();
  await setTimeout(200);
  open!.start();
  await until(() => failures.length > 0);
  expect(failures).toHaveLength(1);
});
