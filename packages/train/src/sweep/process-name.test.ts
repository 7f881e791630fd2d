import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { isGone, processName } from './process-name.ts';

it('knows a process that lives, one that has ended, and one that cannot be known', async () => {
  expect(isGone(processName())).toBe(false);
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const name = processName(child.pid);
  expect(isGone(name)).toBe(false);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.on('close', resolve));
  expect(isGone(name)).toBe(true);
  expect(isGone(name.replace(/^[^/]+/, 'elsewhere.example'))).toBe(false);
});
