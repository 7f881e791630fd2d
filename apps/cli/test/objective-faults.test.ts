import { removeFolder } from '@atelier/tracker/testing/home';
import { openSweeps, openTracker } from '@atelier/tracker';
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ENTRY } from '../src/terminal/entry.ts';

/** What an objective may do wrong, as the body of a function of `report`, and what is said of it. */
const FAULTS: readonly (readonly [body: string, state: string, words: string])[] = [
  ['return 1;', 'COMPLETE', ''],
  ['return [1];', 'COMPLETE', ''],
  ['', 'FAILED', 'expected the objective to return a number, got nothing'],
  ['return "0.75";', 'FAILED', 'expected the objective to return a number, got the string "0.75"'],
  ['return { loss: 1 };', 'FAILED', 'expected the objective to return a number, got an object { loss }'],
  ['return null;', 'FAILED', 'expected the objective to return a number, got null'],
  ['return 3n;', 'FAILED', 'expected the objective to return a number, got a bigint'],
  ['return [1, 2];', 'FAILED', 'expected the objective to return a number, got a list of 2: 1, 2'],
  ['return ["1"];', 'FAILED', 'expected the objective to return a number, got a list of 1: the string "1"'],
  ['return () => 1;', 'FAILED', 'expected the objective to return a number, got a function'],
  ['return NaN;', 'PRUNED', 'diverged: its value is NaN'],
  ['return -Infinity;', 'PRUNED', 'diverged: its value is -Infinity'],
  ['throw null;', 'FAILED', 'expected an Error to be thrown, got null'],
  ['throw undefined;', 'FAILED', 'expected an Error to be thrown, got nothing'],
  ['throw "no";', 'FAILED', 'expected an Error to be thrown, got the string "no"'],
  ['throw new Error("the disk is full");', 'FAILED', 'the disk is full'],
  [
    'await report(0.5, 1); return 1;',
    'FAILED',
    'expected report(step, value) with a whole step from 0, got 0.5',
  ],
  [
    'void report(-1, 1); return 1;',
    'FAILED',
    'expected report(step, value) with a whole step from 0, got -1',
  ],
  ['await report(1, "2"); return 1;', 'FAILED', 'with a number as value, got the string "2"'],
  ['await report(); return 1;', 'FAILED', 'with a whole step from 0, got nothing'],
  ['await report(1, NaN); return 1;', 'COMPLETE', ''],
  ['await report(1, 1); await report(1, 1); return 1;', 'COMPLETE', ''],
  ['void Promise.reject(new Error("left alone")); await never();', 'FAILED', 'left alone'],
  ['setImmediate(() => { throw new Error("from a timer"); }); await never();', 'FAILED', 'from a timer'],
  [
    'process.exit(3);',
    'FAILED',
    'expected the objective to return or throw, it ended its process with code 3',
  ],
  [
    'process.exit(0);',
    'FAILED',
    'expected the objective to return or throw, it ended its process with code 0',
  ],
];

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'atelier-objective-'));
});
afterAll(() => removeFolder(home));

it('fails the trial of an objective that misbehaves, in words, and goes on with the others', async () => {
  const bodies = FAULTS.map(([body]) => `async (report: any) => { ${body} }`);
  const module = join(home, 'faults.ts');
  writeFileSync(
    module,
    `const never = () => new Promise(() => {});
     const bodies = [${bodies.join(',\n')}];
     export default ({ x }: { x: number }, { report }: any) => bodies[x]!(report);`,
  );
  const space = `x=${FAULTS.map((_, i) => i).join(',')}`;
  const flags = [`--objective=${module}`, '--name=faults', '--space', space, '--sampler=grid', '--retries=0'];
  const args = [ENTRY, 'sweep', ...flags, '--workers=1', '--quiet'];
  await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, ATELIER_HOME: home },
  }).catch(() => {});
  using tracker = openTracker({ home, readonly: true });
  const sweeps = openSweeps(tracker);
  const trials = sweeps.trials(sweeps.get('faults').id);
  const found = trials.map(({ parameters, state, error, pruneReason }) => {
    const [body, , words] = FAULTS[Number(parameters['x'])]!;
    const said = error?.message ?? pruneReason ?? '';
    return [body, state, words !== '' && said.includes(words) ? words : said];
  });
  expect(found).toEqual(FAULTS);
});
