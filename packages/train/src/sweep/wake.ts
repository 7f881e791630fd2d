import type { Note } from './crew.ts';
import type { Mailbox } from './mailbox.ts';

export interface WakeSignals {
  readonly park?: AbortSignal | undefined;
  readonly abort?: AbortSignal | undefined;
}

/** Says `park`, `abort` and, now and then, `tick`. Returns how to make it silent. */
export function wake(mailbox: Mailbox<Note>, { park, abort }: WakeSignals, everyMs: number): () => void {
  const onPark = (): void => mailbox.put({ kind: 'park' });
  const onAbort = (): void => mailbox.put({ kind: 'abort' });
  park?.addEventListener('abort', onPark);
  abort?.addEventListener('abort', onAbort);
  if (park?.aborted) onPark();
  if (abort?.aborted) onAbort();
  const timer = setInterval(() => mailbox.put({ kind: 'tick' }), everyMs);
  return () => {
    clearInterval(timer);
    park?.removeEventListener('abort', onPark);
    abort?.removeEventListener('abort', onAbort);
  };
}
