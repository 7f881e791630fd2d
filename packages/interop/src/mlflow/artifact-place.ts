import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The path of `mlflow-artifacts:/0/<uuid>/artifacts` or `mlflow-artifacts://host/...` below the server's folder. */
function proxiedPath(uri: string): string {
  return uri.replace(/^mlflow-artifacts:(\/\/[^/]*)?\/*/, '');
}

/** Of a store that was moved with its folders: the same place below the store's folder now. */
function moved(path: string, folder: string): string[] {
  const parts = path.split(/[\\/]/);
  const from = parts.findLastIndex((part) => part === 'mlruns' || part === 'mlartifacts');
  return from < 0 ? [] : [join(folder, ...parts.slice(from))];
}

function candidates(uri: string, folder: string): string[] {
  if (uri.startsWith('mlflow-artifacts:')) {
    const path = proxiedPath(uri);
    return [join(folder, 'mlartifacts', path), join(folder, 'mlruns', path)];
  }
  if (uri.startsWith('file:')) {
    try {
      const path = fileURLToPath(uri.replace(/^file:\/{0,2}(?=[^/])/, 'file:///'));
      return [path, ...moved(path, folder)];
    } catch {
      return [];
    }
  }
  if (/^[a-z][a-z0-9+.-]+:/i.test(uri)) return [];
  return isAbsolute(uri) ? [uri, ...moved(uri, folder)] : [resolve(folder, uri)];
}

function realFolder(path: string): string | undefined {
  try {
    const real = realpathSync(path);
    return statSync(real).isDirectory() ? real : undefined;
  } catch {
    return undefined;
  }
}

function isBelow(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

export interface ArtifactPlace {
  /** Undefined where there is none, or where it may not be read. */
  readonly folder: string | undefined;
  /** The artifacts are not below the store: in a bucket, with a server, in another folder of this machine. */
  readonly elsewhere: boolean;
}

/**
 * The folder that an artifact URI of MLflow means (a path, a file URL, or one that a server with its default folder
 * beside the store serves), where it lies below one of `roots`, also once all links are followed. Whoever made the
 * store wrote the URI: it may name any folder of this machine, and none but these is even looked at.
 */
export function artifactPlaceOf(uri: string | null, folder: string, roots: readonly string[]): ArtifactPlace {
  if (uri === null || uri === '') return { folder: undefined, elsewhere: false };
  const real = roots.flatMap((root) => realFolder(root) ?? []);
  const allowed = [...real, ...roots.map((root) => resolve(root))];
  const named = candidates(uri, folder).filter((path) => allowed.some((root) => isBelow(path, root)));
  const found = named.flatMap((path) => realFolder(path) ?? []);
  const below = found.find((path) => real.some((root) => isBelow(path, root)));
  return { folder: below, elsewhere: below === undefined && (named.length === 0 || found.length > 0) };
}
