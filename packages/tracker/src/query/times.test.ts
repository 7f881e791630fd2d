import { expect, it, onTestFinished } from 'vitest';
import { START } from '../../test/home-data.ts';
import { makeHome } from '../../test/home.ts';
import { openForWriting } from '../database.ts';
import { openTracker } from '../index.ts';

/** Runs created at midnight and noon (local time) of 30 November, and of the first two days of December. */
function tracked() {
  const home = makeHome();
  const tracker = openTracker({ home });
  onTestFinished(() => tracker.close());
  const database = openForWriting(home);
  onTestFinished(() => void database.close());
  for (const day of [30, 31, 32]) {
    for (const hour of [0, 12]) {
      const run = tracker.startRun({ ...START, name: `${day - 30}:${hour}` });
      const at = new Date(2026, 10, day, hour).getTime();
      database.prepare('UPDATE runs SET created_at = ? WHERE id = ?').run(at, run.id);
      run.finish();
    }
  }
  return (filter: string) =>
    tracker
      .queryRuns({ filter, sort: [{ by: 'id', order: 'asc' }] })
      .runs.map(({ name }) => name)
      .join(' ');
}

it('a written day, month, minute or second means all of it', () => {
  const find = tracked();
  expect(find('created = "2026-12-01"')).toBe('1:0 1:12');
  expect(find('created = 2026-12-01')).toBe('1:0 1:12');
  expect(find('created != "2026-12-01"')).toBe('0:0 0:12 2:0 2:12');
  expect(find('created > "2026-12-01"')).toBe('2:0 2:12');
  expect(find('created >= "2026-12-01"')).toBe('1:0 1:12 2:0 2:12');
  expect(find('created < "2026-12-01"')).toBe('0:0 0:12');
  expect(find('created <= "2026-12-01"')).toBe('0:0 0:12 1:0 1:12');
  expect(find('created in ("2026-11-30", "2026-12-02")')).toBe('0:0 0:12 2:0 2:12');
  expect(find('created = "2026-11"')).toBe('0:0 0:12');
  expect(find('created = "2026-12-01 12:00"')).toBe('1:12');
  expect(find('created = "2026-12-01 12:00:01"')).toBe('');
  expect(find('not ended = "2001-01-01" and created = "2026-12-01"')).toBe('1:0 1:12');
});

it('takes a time zone where one is written', () => {
  const find = tracked();
  const noon = new Date(2026, 11, 1, 12).toISOString();
  expect(find(`created = "${noon}"`)).toBe('1:12');
  expect(find(`created = "${noon.slice(0, 16)}Z"`)).toBe('1:12');
  const ahead = new Date(Date.parse(noon) + 90 * 60_000).toISOString().slice(0, 16);
  expect(find(`created = "${ahead}+01:30"`)).toBe('1:12');
});

it.each([
  '2026-02-30',
  '2026-13-01',
  '2026-00-10',
  '2025-02-29',
  '2026-12-01 24:00',
  '2026-12-01 12:60',
  '2026-04-31 10:00',
])('refuses %s, which no calendar or clock has', (written) => {
  const find = tracked();
  expect(() => find(`created > "${written}"`)).toThrow('no calendar or clock has it');
});

it('refuses what is no time', () => {
  expect(() => tracked()('created > "20-11-2026"')).toThrow('write "2026-11-20"');
});
