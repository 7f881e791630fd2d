import { randomUUID } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ExportTargetError } from './errors.ts';

/** In every folder that an export made, so that `--force` never removes a folder that something else made. */
export const MARKER = '.atelier-export.json';

export interface TargetOptions {
  readonly kind: 'file' | 'folder';
  /** Replace what an earlier export left there. */
  readonly force: boolean;
}

function checkReplaceable(path: string, { kind, force }: TargetOptions): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!force) throw new ExportTargetError(path, 'exists already: choose another --out, or add --force');
  if (kind === 'file' && !found.isFile()) throw new ExportTargetError(path, 'is no file and stays as it is');
  if (kind === 'file') return;
  if (!found.isDirectory()) throw new ExportTargetError(path, 'is no folder and stays as it is');
  if (readdirSync(path).length > 0 && !existsSync(join(path, MARKER))) {
    throw new ExportTargetError(path, `was not made by an export (it has no ${MARKER}) and stays as it is`);
  }
}

function replace(partial: string, path: string): void {
  const old = `${path}.${randomUUID()}.old`;
  const existed = existsSync(path);
  if (existed) renameSync(path, old);
  renameSync(partial, path);
  if (existed) rmSync(old, { recursive: true, force: true });
}

/**
 * Lets `write` make a file or a folder beside `path` and moves it there when it is whole: `path` never holds half
 * an export. Whatever goes wrong, nothing is left and an earlier export stays.
 * @throws ExportTargetError where something is there already, or the folder cannot be written.
 */
export async function writeTarget<T>(
  path: string,
  options: TargetOptions,
  write: (partial: string) => Promise<T>,
): Promise<T> {
  checkReplaceable(path, options);
  const partial = `${path}.${randomUUID()}.partial`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (options.kind === 'folder') {
      mkdirSync(partial);
      writeFileSync(join(partial, MARKER), `${JSON.stringify({ program: 'atelier' })}\n`);
    }
  } catch (error) {
    throw new ExportTargetError(path, `cannot be written: ${(error as Error).message}`, error);
  }
  try {
    const result = await write(partial);
    checkReplaceable(path, options);
    replace(partial, path);
    return result;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
