import { signal } from '@preact/signals';
import type { Change } from '../../api/schema.ts';

/** `lost`: the server does not answer; it is asked again every second. */
export const connection = signal<'connecting' | 'live' | 'lost'>('connecting');

/** Moves when any run changed, or when the server came back. */
export const listVersion = signal(0);
const versions = new Map<number, ReturnType<typeof signal<number>>>();

/** Moves when this run changed. */
export function runVersion(id: number): { readonly value: number | undefined } {
  let version = versions.get(id);
  if (version === undefined) versions.set(id, (version = signal(0)));
  return version;
}

const stamps = new Map<number, number>();
let floor = 0;

/** The `listVersion` at which this run last changed, or everything may have. */
export function stampOf(id: number): number {
  return Math.max(floor, stamps.get(id) ?? 0);
}

/** Says that these runs have changed, as the server's events do. */
export function bump(ids: readonly number[]): void {
  const stamp = listVersion.value + 1;
  for (const id of ids) {
    stamps.set(id, stamp);
    const version = versions.get(id);
    if (version !== undefined) version.value = (version.value ?? 0) + 1;
  }
  listVersion.value = stamp;
}

/** Any run may have changed. */
function bumpAll(): void {
  floor = listVersion.value + 1;
  bump([...versions.keys()]);
}

let stream: EventSource | undefined;

/** Asks at once whether the server is there again. */
export function reconnect(): void {
  stream?.close();
  connect();
}

/** One stream for the whole page; reconnects for ever. */
export function connect(): void {
  const events = new EventSource('/api/events');
  stream = events;
  events.addEventListener('hello', () => {
    if (connection.value === 'lost') bumpAll();
    connection.value = 'live';
  });
  events.addEventListener('change', (event) => {
    const { runs, purged } = JSON.parse(event.data as string) as Change;
    if (purged) bumpAll();
    bump(runs);
  });
  events.onerror = () => {
    connection.value = 'lost';
    // a browser gives up for good on some failures
    if (events.readyState === EventSource.CLOSED) {
      events.close();
      setTimeout(() => stream === events && connect(), 1000);
    }
  };
}
