import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { DataFormatError } from './errors.ts';

/**
 * What a gzip file may inflate to: images shrink to a half or a tenth, a bomb to a thousandth. Small files may be
 * anything: 60,000 sorted labels take 100 bytes.
 */
const SMALL = 64 * 2 ** 20;
const LARGEST_RATIO = 50;
const inflate = promisify(gunzip);

/**
 * The bytes of a file, inflated where they are gzipped.
 * @throws DataFormatError for a truncated or corrupt file, and for one that grows beyond 64 MiB and 50 times its size.
 */
export async function inflated(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const maxOutputLength = Math.max(SMALL, LARGEST_RATIO * bytes.length);
  try {
    return await inflate(bytes, { maxOutputLength });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const problems: Record<string, string> = {
      Z_BUF_ERROR: 'the gzip file is truncated',
      ERR_BUFFER_TOO_LARGE:
        `the gzip file of ${bytes.length} bytes grows beyond ${Math.round(maxOutputLength / 2 ** 20)} MiB, as no ` +
        'images do; where it is right, unpack it yourself',
    };
    throw new DataFormatError(path, problems[code ?? ''] ?? `the gzip file is corrupt (${message})`, {
      cause,
    });
  }
}
