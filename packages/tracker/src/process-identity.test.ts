import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { livenessOf, ownIdentity } from './process-identity.ts';

const here = ownIdentity();

it('knows itself', () => {
  expect(here.pid).toBe(process.pid);
  expect(livenessOf(here)).toBe('alive');
});

it('tells a living process from a dead one', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  const owner = { ...here, pid: child.pid!, processStart: null };
  expect(livenessOf(owner)).toBe('alive');
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(livenessOf(owner)).toBe('dead');
});

it('is not fooled by a pid that another process has now', () => {
  expect(livenessOf({ ...here, processStart: 'long ago' })).toBe('dead');
});

it('counts a reboot as death', () => {
  expect(livenessOf({ ...here, boot: 'yesterday' }, { ...here, boot: 'today' })).toBe('dead');
});

it('does not judge processes it cannot see', () => {
  const seen = { ...here, boot: 'b', pidNamespace: 'pid:[1]' };
  expect(livenessOf({ ...seen, pid: 999_999 }, { ...seen, pidNamespace: 'pid:[2]' })).toBe('unknown');
  expect(livenessOf({ ...seen, machine: 'other', boot: 'c' }, seen)).toBe('unknown');
});
