import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const copies = new Map<string, string>();
const folders: string[] = [];

function removeCopies(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** The file as it is now, with what its write-ahead log holds, in a folder of our own that goes away with the process. */
function copyOf(file: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'atelier-reader-'));
  if (folders.push(folder) === 1) process.once('exit', removeCopies);
  const copy = join(folder, 'atelier.db');
  copyFileSync(file, copy);
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
  return copy;
}

/** SQLite's answers where a write-ahead log cannot be read because nothing may be written beside it. */
function needsCopy(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_READONLY');
}

/** The path under which a database is read: its own, or that of a copy that had to be taken. */
export function readableFile(file: string): string {
  return copies.get(file) ?? file;
}

/**
 * Opens an existing database for reading. Where its folder is read-only (another user's, a read-only disk) and no process that
 * writes has left the index of the log there, SQLite cannot, and a copy is opened instead. It is taken once a process and does not
 * follow the original. @param open is given the path, and throws what SQLite says
 */
export function openReadable<Opened>(file: string, open: (path: string) => Opened): Opened {
  try {
    return open(readableFile(file));
  } catch (error) {
    if (!needsCopy(error) || copies.has(file)) throw error;
    const copy = copyOf(file);
    copies.set(file, copy);
    return open(copy);
  }
}
