import { removeFolder } from '../test/home.ts';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Attention, isWatched } from './attention.ts';

let home: string;
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'atelier-'))));
afterEach(() => removeFolder(home));

it('is seen for five seconds after it was paid', () => {
  const now = 1_700_000_000_000;
  expect(isWatched(home, now)).toBe(false);
  new Attention(home).pay(now);
  expect(isWatched(home, now + 4900)).toBe(true);
  expect(isWatched(home, now + 5100)).toBe(false);
});

it('goes on while it is paid again', () => {
  const attention = new Attention(home);
  const now = 1_700_000_000_000;
  for (let later = 0; later <= 8000; later += 50) attention.pay(now + later);
  expect(isWatched(home, now + 12_000)).toBe(true);
});

it('does nothing where it cannot be written', () => {
  const gone = join(home, 'gone');
  new Attention(gone).pay();
  expect(isWatched(gone)).toBe(false);
  expect(existsSync(gone)).toBe(false);
});
