import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Time to the first byte; a blocked network often does not even say no. */
const ANSWER_TIMEOUT_MS = 15_000;
/** Time for one whole file: a connection that stalls must not hang the set-up. */
const FILE_TIMEOUT_MS = 10 * 60_000;

/** No file of a dataset is larger: node reads none that is. */
const MOST_BYTES = 2 ** 31;

async function* bounded(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error('more than 2 GiB');
    yield chunk;
  }
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}

async function downloadFile(url: URL, path: string, signal: AbortSignal | undefined): Promise<void> {
  const answer = new AbortController();
  const timer = setTimeout(
    () => answer.abort(new Error(`no answer within ${ANSWER_TIMEOUT_MS / 1000} s`)),
    ANSWER_TIMEOUT_MS,
  );
  const limits = [answer.signal, AbortSignal.timeout(FILE_TIMEOUT_MS)];
  const either = AbortSignal.any(signal ? [signal, ...limits] : limits);
  try {
    const response = await fetch(url, { signal: either });
    clearTimeout(timer);
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
    await pipeline(Readable.fromWeb(response.body as never), bounded, createWriteStream(path));
  } catch (error) {
    signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw error;
    throw new Error(`${url.href}: ${reasonOf(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** Downloads `<base><name>.gz` for every name into `folder`. Rejects with the URL and the reason. */
export async function downloadFiles(
  base: string,
  names: readonly string[],
  folder: string,
  signal?: AbortSignal,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of names)
    await downloadFile(
      new URL(`${name}.gz`, base.endsWith('/') ? base : `${base}/`),
      join(folder, `${name}.gz`),
      signal,
    );
}
