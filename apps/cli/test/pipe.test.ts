import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { STARTER } from '@atelier/start';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));

/** A command that prints a hundred lines and then leaves a file, `whole`, beside itself. */
function makeCommand(): { main: string; whole: string } {
  mkdirSync(DIST, { recursive: true });
  const folder = mkdtempSync(join(DIST, 'pipe-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [main, whole] = [join(folder, 'main.ts'), join(folder, 'whole')];
  writeFileSync(
    main,
    `import { Command } from 'commander';
     import { writeFileSync } from 'node:fs';
     import { runProgram } from '../../src/terminal/command.ts';
     const print = async () => {
       for (let i = 0; i < 100; i++) {
         process.stdout.write('x'.repeat(10_000) + '\\n');
         process.stderr.write('');
         await new Promise(setImmediate);
       }
       writeFileSync(process.argv[2]!, '');
     };
     void runProgram(new Command('print').argument('<file>').action(print));\n`,
  );
  return { main, whole };
}

it('goes on quietly to its end where the reader of its output has enough', async () => {
  const { main, whole } = makeCommand();
  const child = spawn(process.execPath, [STARTER, main, whole], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (text) => (complaint += String(text)));
  child.stdout.once('data', () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect({ code, complaint, whole: existsSync(whole) }).toEqual({ code: 0, complaint: '', whole: true });
});

it.runIf(existsSync('/dev/full'))('says once that the disk is full, in words, and fails at its end', () => {
  const { main, whole } = makeCommand();
  const command = '"$0" "$@" > /dev/full';
  const { status, stderr } = spawnSync('sh', ['-c', command, process.execPath, STARTER, main, whole], {
    encoding: 'utf8',
  });
  expect({ status, whole: existsSync(whole) }).toEqual({ status: 1, whole: true });
  expect(stderr).toBe(
    'error: standard output cannot be written: the disk is full: free some space, or point ATELIER_HOME at another disk\n',
  );
});
