import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  ArtifactError,
  databaseFile,
  openConnection,
  openForReading,
  openForWriting,
  openTracker,
  sha256Of,
  type Tracker,
  TrackerFileError,
  TrackerTooNewError,
} from '@atelier/tracker';
import { BUNDLE_TABLE } from './bundle-writer.ts';

/**
 * Opens a share bundle for reading, as if it were a home. The file itself is never written: where an older Atelier
 * made it, a copy is brought up to date and read.
 * @throws TrackerTooNewError, TrackerFileError
 */
export function openBundle(file: string): Tracker {
  const home = mkdtempSync(join(tmpdir(), 'atelier-bundle-'));
  try {
    if (!linkUpToDate(file, home)) {
      copyFileSync(file, databaseFile(home));
      openForWriting(home).close();
    }
    return bundleOver(file, home);
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
}

/** False where the bundle needs a newer version, or the system lets nobody link. */
function linkUpToDate(file: string, home: string): boolean {
  const link = databaseFile(home);
  try {
    symlinkSync(resolve(file), link);
    openForReading(home)?.close();
    return true;
  } catch (error) {
    rmSync(link, { force: true });
    if (error instanceof TrackerTooNewError || error instanceof TrackerFileError) throw error;
    return false;
  }
}

function bundleOver(file: string, home: string): Tracker {
  const tracker = openTracker({ home, readonly: true });
  const files = openConnection(databaseFile(home), { readonly: true });
  const read = files.prepare<[string], Buffer>(
    `SELECT bytes FROM ${BUNDLE_TABLE} WHERE sha256 = ? ORDER BY part`,
  );
  const readArtifact = (id: number, path: string): Uint8Array => {
    const artifact = tracker.getRun(id).artifacts.find((record) => record.path === path);
    if (artifact === undefined) throw new ArtifactError(path, `is not among the artifacts of run ${id}`);
    const bytes = Buffer.concat(read.pluck().all(artifact.sha256) as Buffer[]);
    if (sha256Of(bytes) !== artifact.sha256)
      throw new ArtifactError(path, `is damaged in the bundle ${file}`);
    return new Uint8Array(bytes);
  };
  const close = (): void => {
    files.close();
    tracker.close();
    rmSync(home, { recursive: true, force: true });
  };
  return { ...tracker, home: file, readArtifact, close, [Symbol.dispose]: close };
}
