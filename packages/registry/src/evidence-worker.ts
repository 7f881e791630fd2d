import { compareRuns } from '@atelier/metrics';
import { parentPort } from 'node:worker_threads';
import type { ThreadReply, ThreadRequest } from './evidence-thread.ts';
import { openRegistry, type Registry } from './registry.ts';

/** The thread of {@link EvidenceThread}. */
const port = parentPort!;
const registries = new Map<string, Registry>();

/** Stays open: native objects of a connection are never given back. */
function registryOf(home: string): Registry {
  let registry = registries.get(home);
  if (registry === undefined) registries.set(home, (registry = openRegistry({ home, readonly: true })));
  return registry;
}

function answer(request: ThreadRequest): unknown {
  if (request.kind === 'compare') return compareRuns(request.input);
  const registry = registryOf(request.home);
  return request.kind === 'gather' ? registry.gather(request.request) : registry.verify(request.head);
}

function described(error: unknown): NonNullable<ThreadReply['error']> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message } = error;
  const { code, usage } = error as { code?: unknown; usage?: unknown };
  return { name, message, ...(code !== undefined && { code }), ...(usage !== undefined && { usage }) };
}

port.on('message', (request: ThreadRequest) => {
  const { id } = request;
  let reply: ThreadReply;
  try {
    reply = { id, result: answer(request) };
  } catch (error) {
    reply = { id, error: described(error) };
  }
  port.postMessage(reply);
});
