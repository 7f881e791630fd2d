import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { STARTER } from '@atelier/start';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));

it('ends quietly where the reader of its output has enough', async () => {
  mkdirSync(DIST, { recursive: true });
  const folder = mkdtempSync(join(DIST, 'pipe-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const main = join(folder, 'main.ts');
  writeFileSync(
    main,
    `import { Command } from 'commander';
     import { runProgram } from '../../src/terminal/command.ts';
     const lines = async () => { for (;;) { console.log('x'.repeat(1000)); await new Promise(setImmediate); } };
     await runProgram(new Command('endless').action(lines));\n`,
  );
  const child = spawn(process.execPath, [STARTER, main, '--debug'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (text) => (complaint += String(text)));
  child.stdout.once('data', () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' });
});
