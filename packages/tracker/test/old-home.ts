import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { databaseFile } from '../src/index.ts';
import { makeHome } from './home.ts';

const VERSION_7 = fileURLToPath(new URL('fixtures/version-7', import.meta.url));

/**
 * A copy of a home that version 7 of the database was written in: the runs `curves` (300 points), `broken` and `pruned`,
 * the sweep `learning-rates` with a trial in every state, and the model `fashion`, whose champion was promoted to version
 * 1, 2 and, overridden, 3, and rolled back to 2.
 */
export function makeOldHome(): string {
  const home = makeHome();
  cpSync(VERSION_7, home, { recursive: true });
  const packed = join(home, 'atelier.db.gz');
  writeFileSync(databaseFile(home), gunzipSync(readFileSync(packed)));
  rmSync(packed);
  return home;
}
