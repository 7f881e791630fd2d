import { removeFolder } from '@atelier/tracker/testing/home';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ENTRY } from '../src/terminal/entry.ts';

let home: string;
let child: ChildProcess | undefined;
let blocker: Server | undefined;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'atelier-serve-'));
});

afterEach(async () => {
  child?.kill('SIGKILL');
  await new Promise((resolve) => (blocker === undefined ? resolve(undefined) : blocker.close(resolve)));
  child = blocker = undefined;
  removeFolder(home);
});

interface Serving {
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

function serve(flags: readonly string[], variables: Record<string, string> = {}): Serving {
  let text = '';
  child = spawn(process.execPath, [ENTRY, 'serve', ...flags], {
    env: { ...process.env, ATELIER_HOME: home, NODE_OPTIONS: '', ...variables },
  });
  child.stdout?.on('data', (data) => (text += data));
  child.stderr?.on('data', (data) => (text += data));
  const ended = new Promise<number | null>((resolve) => child?.once('exit', resolve));
  return { output: () => text, ended };
}

/** Holds a port that this process chose. */
async function block(): Promise<number> {
  blocker = createServer();
  await new Promise<void>((resolve) => blocker?.listen(0, '127.0.0.1', resolve));
  return (blocker.address() as { port: number }).port;
}

it('serves, and stops at once when asked', async () => {
  const { output, ended } = serve(['--port=0']);
  await expect.poll(output).toContain('http://127.0.0.1:');
  const url = /http:\/\/\S+/.exec(output())![0];
  expect(await (await fetch(`${url}api/runs/order`)).json()).toEqual({ ids: [] });
  expect((await fetch(`${url}runs/3`)).headers.get('content-type')).toContain('text/html');
  const events = await fetch(`${url}api/events`);
  expect(events.headers.get('content-type')).toContain('text/event-stream');
  child?.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(existsSync(join(home, 'atelier.db'))).toBe(false);
});

it('names a busy port, its holder and a free one', async () => {
  const port = await block();
  const { output, ended } = serve([`--port=${port}`]);
  expect(await ended).toBe(1);
  expect(output()).toContain(`port ${port} is already in use`);
  expect(output()).toMatch(/Port \d+ is free: --port=\d+/);
  if (process.platform === 'linux') expect(output()).toContain(`process ${process.pid}`);
  expect(output()).not.toContain(' at ');
});

it.each(['banana', '70000', '-1'])('refuses --port=%s as wrong usage', async (port) => {
  const { output, ended } = serve([`--port=${port}`]);
  expect(await ended).toBe(2);
  expect(output()).toContain('--port must be a whole number');
});

it('asks for its token on loopback too', async () => {
  const token = 'sixteen-letters-and-more';
  const { output, ended } = serve(['--port=0'], { ATELIER_TOKEN: token });
  await expect.poll(output).toContain('http://127.0.0.1:');
  const url = new URL(/http:\/\/\S+/.exec(output())![0]);
  expect(url.searchParams.get('token')).toBe(token);
  expect((await fetch(new URL('/api/views', url))).status).toBe(401);
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(new URL('/api/views', url), { headers })).status).toBe(200);
  child?.kill('SIGTERM');
  expect(await ended).toBe(0);
});

it('warns of a token in a flag, and refuses a short one as wrong usage', async () => {
  const { output, ended } = serve(['--port=0', '--token=short']);
  expect(await ended).toBe(2);
  expect(output()).toContain('other users of this machine can read --token');
  expect(output()).toContain('at least 16 printable characters');
});
