import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The sources of the native library. */
export const SOURCES = fileURLToPath(new URL('../../native', import.meta.url));

/** Where the native library lies in ATELIER_HOME. */
export function onednnFolder(home: string): string {
  return join(home, 'native', 'onednn');
}

export function addonFile(folder: string): string {
  return join(folder, 'atelier_onednn.node');
}

/** What a build was made of and for; beside it as build.json. */
export interface BuildRecord {
  /** Digest of the sources: another version of the workspace needs another build. */
  readonly sources: string;
  /** The CPU's abilities: the compiler was told to use them all. */
  readonly cpu: string;
  readonly onednn: string;
  readonly compiler: string;
  readonly sanitized: boolean;
}

export function recordFile(folder: string): string {
  return join(folder, 'build.json');
}

export function sourceFiles(): string[] {
  const names = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /\.(cc|h)$/.test(name)).sort();
}

export function sourcesDigest(): string {
  const hash = createHash('sha256');
  for (const name of sourceFiles()) hash.update(name).update(readFileSync(join(SOURCES, name)));
  return hash.digest('hex');
}

/** What decides which instructions this CPU has: its flags on Linux, its name elsewhere. */
export function cpuAbilities(): string {
  try {
    const found = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'));
    if (found) return createHash('sha256').update(found[1]!).digest('hex').slice(0, 16);
  } catch {
    // no Linux
  }
  return `${process.arch} ${cpus()[0]?.model ?? ''}`;
}
