import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The program. */
export const ENTRY = fileURLToPath(new URL('../../apps/cli/bin/atelier.mjs', import.meta.url));

/**
 * Runs the program on this terminal until its end. Signals that only this process got reach it too.
 * @param {readonly string[]} args
 * @returns {Promise<number>} its exit code; 128 and the signal's number where one ended it
 */
export function foreground(args) {
  const child = spawn(process.execPath, [ENTRY, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
