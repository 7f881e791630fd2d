import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { ChangeWatch } from '../changes.ts';

const PING_MS = 10_000;

/** GET /api/events: server-sent events, `change` with the ids of the runs that changed; comments keep it open. */
export function eventRoutes(watch: ChangeWatch) {
  return new Hono().get('/', (context) =>
    streamSSE(context, async (stream) => {
      const unsubscribe = watch.subscribe((change) => {
        void stream.writeSSE({ event: 'change', data: JSON.stringify(change) });
      });
      const ended = new Promise<void>((resolve) => stream.onAbort(resolve));
      const ping = setInterval(() => void stream.write(': ping\n\n'), PING_MS);
      await stream.writeSSE({ event: 'hello', data: '{}', retry: 1000 });
      await ended;
      clearInterval(ping);
      unsubscribe();
    }),
  );
}
