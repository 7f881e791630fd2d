import {
  checkedToken,
  createApp,
  isLoopback,
  listen,
  newToken,
  PageMissingError,
  WEB_ROOT,
  portHolder,
  ServeSettingError,
  tokenFile,
} from '@atelier/dashboard';
import { loadNamedDataset } from '@atelier/data';
import { openTracker, type Tracker } from '@atelier/tracker';
import { Command } from 'commander';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { atelierHome } from '../terminal/home.ts';
import { watchInterrupts } from '../terminal/interrupt.ts';
import { sweepStarter } from './sweep-starter.ts';

const DEFAULT_PORT = 4317;

interface ServeFlags {
  readonly port?: string;
  readonly host: string;
  readonly open?: boolean;
  readonly readOnly?: boolean;
  readonly token?: string;
  readonly tokenFile?: string;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new ServeSettingError('--port', 'a whole number from 0 (any free one) to 65535', text);
  }
  return port;
}

function openInBrowser(url: string): void {
  const opener = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open';
  execFile(opener, [url], (error) => {
    if (error) process.stderr.write(`could not open a browser with ${opener}: open ${url} yourself\n`);
  });
}

/** Lets go of the port at once. */
async function stop(server: Server): Promise<void> {
  // event streams never end by themselves
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

/** Opened once for writing, an existing store is brought up to date and its dead runs are marked. */
function recover(home: string): void {
  if (!existsSync(join(home, 'atelier.db'))) return;
  try {
    using tracker = openTracker({ home });
    const names = tracker.recovered.map(({ name }) => name);
    if (names.length > 0)
      process.stdout.write(`Found without a process and marked FAILED: ${names.join(', ')}\n`);
  } catch (error) {
    // a store that may only be read is served as it is
    if ((error as { code?: unknown }).code !== 'TRACKER_ACCESS') throw error;
  }
}

/** Where no flag can be seen by other users of this machine. */
const TOKEN_VARIABLE = 'ATELIER_TOKEN';

/** The token to ask for: honoured everywhere where one is given; a new one where others than this machine can come. */
function tokenOf({ host, token, tokenFile: file }: ServeFlags): string | undefined {
  const variable = process.env[TOKEN_VARIABLE];
  // not handed on to what this process starts
  delete process.env[TOKEN_VARIABLE];
  if (token !== undefined) {
    process.stderr.write(
      `warning: other users of this machine can read --token in the list of processes: use --token-file or ${TOKEN_VARIABLE}\n`,
    );
    return checkedToken(token, '--token');
  }
  if (file !== undefined) return tokenFile(file);
  if (variable !== undefined) return checkedToken(variable, TOKEN_VARIABLE);
  return isLoopback(host) ? undefined : newToken();
}

async function serve(flags: ServeFlags): Promise<void> {
  const wanted = flags.port === undefined ? DEFAULT_PORT : parsePort(flags.port);
  const token = tokenOf(flags);
  if (!existsSync(join(WEB_ROOT, 'index.html'))) throw new PageMissingError(WEB_ROOT);
  const home = atelierHome();
  recover(home);
  const tracker = openTracker({ home, readonly: true });
  let writing: Tracker | undefined;
  // opened for the first change: whoever only looks makes no store
  const write = (): Tracker => (writing ??= openTracker({ home }));
  const startSweep = sweepStarter(home);
  const app = createApp(tracker, (name) => loadNamedDataset(name, { home }), {
    webRoot: WEB_ROOT,
    ...(flags.readOnly !== true && { write }),
    startSweep,
    ...(token !== undefined && { token }),
    host: flags.host,
    onFailure: (error) => process.stderr.write(`${error.stack ?? error.message}\n`),
  });
  const { server, port } = await listen(app, {
    host: flags.host,
    port: wanted,
    orNext: flags.port === undefined,
  });
  if (wanted !== 0 && port !== wanted) {
    process.stdout.write(
      `Port ${wanted} is in use by ${portHolder(wanted) ?? 'another process'}; using ${port}.\n`,
    );
  }
  const url = `http://${flags.host.includes(':') ? `[${flags.host}]` : flags.host}:${port}/`;
  const address = token === undefined ? url : `${url}?token=${token}`;
  const stopped = new Promise<unknown>((resolve) => watchInterrupts(resolve));
  process.stdout.write(`Atelier dashboard: ${address}\nRuns are read from ${home}. Ctrl-C ends it.\n`);
  if (flags.open === true) openInBrowser(address);
  // many small answers: a young generation that grows to 48 MB makes them no faster
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=10');
  await stopped;
  await stop(server);
  // V8's default: compiled code that is kept for the next start is refused where flags differ
  setFlagsFromString('--semi-space-growth-factor=2');
  setFlagsFromString('--heap-growing-percent=0');
  writing?.close();
  tracker.close();
  process.stdout.write('Stopped.\n');
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('Serves the dashboard until Ctrl-C.')
    .option('--port <number>', `port to listen on; without it, the first free one from ${DEFAULT_PORT}`)
    .option(
      '--host <address>',
      'address to listen on; anything but loopback asks visitors for a token',
      '127.0.0.1',
    )
    .option(
      '--token-file <path>',
      `ask every visitor for the token in this file, made where it is not there; or ${TOKEN_VARIABLE}`,
    )
    .option(
      '--token <text>',
      'the same, but other users of this machine can read it in the list of processes',
    )
    .option('--read-only', 'take no changes: for sharing')
    .option('--open', 'open the page in a browser')
    .addHelpText('after', '\nExamples:\n  npx atelier serve\n  npx atelier serve --port=8080 --open')
    .action((flags: ServeFlags) => serve(flags));
}
