import { STARTER } from '@atelier/start';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** How often a folder is looked through anew, 50 ms apart. */
const LOOKS = 200;

/**
 * Removes a folder in which a thread or process may still be closing its files. rmSync's own retries do not look again at what
 * has come since. @throws with the names of what is left
 */
export function removeFolder(folder: string): void {
  for (let look = 1; ; look++) {
    try {
      return rmSync(folder, { recursive: true, force: true });
    } catch (cause) {
      if (look === LOOKS)
        throw new Error(`${folder} still holds ${readdirSync(folder).join(', ')}`, { cause });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
}

/** An empty folder that goes away with the test. */
export function makeHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'atelier-tracker-'));
  onTestFinished(() => removeFolder(home));
  return home;
}

/** Starts a script of test/children in a process of its own. */
export function startChild(script: string, ...args: string[]): ChildProcessByStdio<null, Readable, Readable> {
  const file = fileURLToPath(new URL(`children/${script}.ts`, import.meta.url));
  const child = spawn(process.execPath, [STARTER, file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Output and exit code of a child that ends by itself. */
export async function runChild(
  script: string,
  ...args: string[]
): Promise<{ code: number | null; output: string }> {
  const child = startChild(script, ...args);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output };
}
