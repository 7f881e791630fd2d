/**
 * Whether a server that is asked for hours stays as it is: asks every route in turn and reads memory, open files and database
 * connections off /metrics.
 *
 *   npx tsx apps/dashboard/bench/soak.ts [--requests=10000] [--json]
 *
 * Fills a home of its own and serves it in a process of its own. Exits with 1 where files or connections grew.
 */
import { openTracker } from '@atelier/tracker';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createApp, listen } from '../src/index.ts';
import { fillHostile } from '../test/attack/hostile-home.ts';
import { PATHS } from '../test/attack/paths.ts';
import { madeDataset } from '../test/store.ts';

const { values: flags } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    json: { type: 'boolean', default: false },
    serve: { type: 'string' },
  },
});

/** The other process of this file: nothing but a server. */
async function serve(home: string): Promise<never> {
  const tracker = openTracker({ home, readonly: true });
  const app = createApp(tracker, () => Promise.resolve(madeDataset(400)));
  const { port } = await listen(app, { host: '127.0.0.1', port: 0, orNext: false });
  process.send!(`http://127.0.0.1:${port}/`);
  process.on('disconnect', () => process.exit());
  return new Promise(() => undefined);
}
if (flags.serve !== undefined) await serve(flags.serve);

const REQUESTS = Number(flags.requests);
const home = mkdtempSync(join(tmpdir(), 'atelier-soak-'));
{
  using tracker = openTracker({ home });
  await fillHostile(tracker);
}
const server = fork(import.meta.filename, [`--serve=${home}`]);
const [url] = (await once(server, 'message')) as [string];

/** `[requests, MB, open files, connections]`. */
type Reading = readonly [requests: number, megabytes: number, files: number, connections: number];

async function read(requests: number): Promise<Reading> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  const of = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  const megabytes = Math.round(of('process_resident_memory_bytes') / 1e6);
  return [requests, megabytes, of('process_open_fds'), of('atelier_database_connections_total')];
}

async function ask(path: string): Promise<void> {
  const aborted = new AbortController();
  const response = await fetch(new URL(path, url), { signal: aborted.signal });
  if (response.status >= 500) throw new Error(`${response.status} ${path}: ${await response.text()}`);
  if (path === '/api/events') aborted.abort();
  else await response.arrayBuffer();
}

const readings: Reading[] = [];
try {
  for (let at = 0; at < REQUESTS; at++) {
    // from the second round on everything is warm
    if (at === 2 * PATHS.length || (at > 2 * PATHS.length && at % Math.ceil(REQUESTS / 10) === 0))
      readings.push(await read(at));
    await ask(PATHS[at % PATHS.length]!);
  }
  readings.push(await read(REQUESTS));
} finally {
  server.disconnect();
  await once(server, 'exit');
  rmSync(home, { recursive: true, force: true });
}
const [first, last] = [readings[0]!, readings.at(-1)!];
if (flags.json) console.log(JSON.stringify({ bench: 'soak', paths: PATHS.length, readings }));
else
  for (const [asked, mb, files, connections] of readings)
    console.log(`${asked} requests: ${mb} MB, ${files} open files, ${connections} connections`);
process.exitCode = last[2] > first[2] || last[3] > first[3] ? 1 : 0;
