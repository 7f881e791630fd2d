import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nativeCache } from '../../scripts/native-cache.mjs';

/** The sources of the native library. */
export const SOURCES = fileURLToPath(new URL('../../native', import.meta.url));

/**
 * Where the native library lies: a folder for each kind of build. Other sources, or a CPU with other abilities (the compiler
 * was told to use them all), have another one.
 */
export function onednnFolder(): string {
  const kind = createHash('sha256').update(`${sourcesDigest()} ${cpuAbilities()}`).digest('hex').slice(0, 16);
  return join(nativeCache(), 'onednn', kind);
}

export function addonFile(folder = onednnFolder()): string {
  return join(folder, 'atelier_onednn.node');
}

/** Where oneDNN lies if it is not installed on this machine; every build uses it. */
export function libraryFolder(): string {
  return join(nativeCache(), 'onednn', 'library');
}

export function sourceFiles(): string[] {
  const names = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /\.(cc|h)$/.test(name)).sort();
}

function sourcesDigest(): string {
  const hash = createHash('sha256');
  for (const name of sourceFiles()) hash.update(name).update(readFileSync(join(SOURCES, name)));
  return hash.digest('hex');
}

/** What decides which instructions this CPU has: its flags on Linux, its name elsewhere. */
function cpuAbilities(): string {
  try {
    const found = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'));
    if (found) return createHash('sha256').update(found[1]!).digest('hex').slice(0, 16);
  } catch {
    // no Linux
  }
  return `${process.arch} ${cpus()[0]?.model ?? ''}`;
}
