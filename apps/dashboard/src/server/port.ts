import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';

const LISTEN = '0A';

/** Whether nothing listens on the port. */
export function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** The first free port from `from` on, looking at no more than 50. */
export async function nextFreePort(from: number, host: string): Promise<number | undefined> {
  for (let port = from; port < Math.min(from + 50, 65_536); port++) {
    if (await isFree(port, host)) return port;
  }
  return undefined;
}

/** Inode of the socket that listens on a port, from Linux's table of TCP sockets. */
function listeningInode(port: number): string | undefined {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  const row = lines
    .map((line) => line.trim().split(/\s+/))
    .find((f) => f[1]?.endsWith(wanted) && f[3] === LISTEN);
  return row?.[9];
}

function hasSocket(pid: string, inode: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some(
      (fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`,
    );
  } catch {
    return false; // someone else's process, or gone meanwhile
  }
}

/** Which process listens on a port, in words; undefined where the system does not tell. */
export function portHolder(port: number): string | undefined {
  try {
    const inode = listeningInode(port);
    if (inode === undefined) return undefined;
    const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && hasSocket(name, inode));
    if (pid === undefined) return undefined;
    return `process ${pid} (${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()})`;
  } catch {
    return undefined;
  }
}
