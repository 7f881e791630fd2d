import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The root of the workspace. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

// Ctrl-C reaches the child too: it finishes what it was doing, and only then do we go on.
let children = 0;
process.on('SIGINT', () => {
  if (children === 0) process.exit(130);
});

/**
 * Runs a program on this terminal and waits for its end, also after Ctrl-C.
 * @returns its exit code, or 128 + the signal's number.
 */
export function run(command, args, { cwd = ROOT, env = {}, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: quiet ? ['ignore', 'ignore', 'ignore'] : 'inherit',
    });
    children += 1;
    child.on('error', reject);
    child.on('close', (code, signal) => {
      children -= 1;
      resolve(signal === 'SIGINT' ? 130 : signal ? 143 : (code ?? 1));
    });
  });
}

/** Runs npm itself: the very one that started us, where there is one. */
export function npm(args, options) {
  const npmScript = process.env.npm_execpath;
  if (npmScript?.endsWith('.js')) return run(process.execPath, [npmScript, ...args], options);
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, options);
}

/** Runs the program of the house: `atelier <arguments>`, in the folder where somebody called npm. */
export function atelier(...args) {
  const entry = fileURLToPath(new URL('../apps/cli/bin/atelier.mjs', import.meta.url));
  return run(process.execPath, [entry, ...args], { cwd: process.env.INIT_CWD ?? process.cwd() });
}

/** Seconds since `start` (a performance.now() value) as people read them. */
export function elapsed(start) {
  const seconds = (performance.now() - start) / 1000;
  return seconds < 90
    ? `${seconds.toFixed(1)} s`
    : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
