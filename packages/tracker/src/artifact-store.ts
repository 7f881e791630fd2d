import { createHash, randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  openSync,
  writeSync,
  fsyncSync,
  closeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ArtifactError } from './errors.ts';

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** `<home>/artifacts/ab/cdef...` @throws ArtifactError for what is no SHA-256: a home may be somebody else's. */
export function artifactFile(home: string, sha256: string): string {
  if (!/^[0-9a-f]{64}$/.test(sha256))
    throw new ArtifactError(JSON.stringify(sha256), 'is named by no SHA-256');
  return join(home, 'artifacts', sha256.slice(0, 2), sha256.slice(2));
}

function writeDurably(file: string, bytes: Uint8Array): void {
  const descriptor = openSync(file, 'wx');
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Stores bytes under their SHA-256, once however often they come, and returns it. A reader never sees half a file:
 * it is written beside its place and renamed.
 */
export function storeArtifact(home: string, bytes: Uint8Array): string {
  const sha256 = sha256Of(bytes);
  const file = artifactFile(home, sha256);
  if (existsSync(file) && statSync(file).size === bytes.length) return sha256;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const partial = `${file}.${randomUUID()}.partial`;
  try {
    writeDurably(partial, bytes);
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  return sha256;
}

/** @throws ArtifactError where the file is gone or holds other bytes than were stored. */
export function loadArtifact(home: string, sha256: string): Uint8Array {
  const file = artifactFile(home, sha256);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new ArtifactError(file, 'cannot be read', error);
  }
  const found = sha256Of(bytes);
  if (found !== sha256) throw new ArtifactError(file, `is damaged: its SHA-256 is ${found}`);
  return bytes;
}
