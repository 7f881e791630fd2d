import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The user's home, as commands find it. */
export const USER_HOME = resolve(
  import.meta.dirname,
  '../../../..',
  process.env['ATELIER_HOME'] || '.atelier',
);

/** A home of its own with the data sets and engines of the user's. */
export interface BenchHome extends Disposable {
  readonly home: string;
}

/** Nothing recorded in it is known elsewhere, so nothing is taken over from earlier sweeps. */
export function benchHome(): BenchHome {
  const home = mkdtempSync(join(tmpdir(), 'atelier-sweep-'));
  for (const part of ['datasets', 'native', 'engines']) {
    const from = join(USER_HOME, part);
    if (existsSync(from)) symlinkSync(from, join(home, part));
  }
  mkdirSync(join(home, 'artifacts'), { recursive: true });
  return { home, [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }) };
}
