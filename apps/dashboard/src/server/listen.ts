import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { PortBusyError } from '../errors.ts';
import { nextFreePort, portHolder } from './port.ts';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Take the next free port where this one is busy. */
  readonly orNext: boolean;
}

function bind(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/**
 * Serves an app.
 * @throws PortBusyError naming the port, its holder where known and the next free one.
 */
export async function listen(app: Hono, options: ListenOptions): Promise<{ server: Server; port: number }> {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  const { host, port } = options;
  try {
    await bind(server, port, host);
    return { server, port: (server.address() as { port: number }).port };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const free = await nextFreePort(port + 1, host);
    if (!options.orNext || free === undefined) throw new PortBusyError(port, portHolder(port), free);
    await bind(server, free, host);
    return { server, port: free };
  }
}
