import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The path of `mlflow-artifacts:/0/<uuid>/artifacts` or `mlflow-artifacts://host/...` below the server's folder. */
function proxiedPath(uri: string): string {
  return uri.replace(/^mlflow-artifacts:(\/\/[^/]*)?\/*/, '');
}

function candidates(uri: string, folder: string): string[] {
  if (uri.startsWith('mlflow-artifacts:')) {
    const path = proxiedPath(uri);
    return [join(folder, 'mlartifacts', path), join(folder, 'mlruns', path)];
  }
  if (uri.startsWith('file:')) {
    try {
      return [fileURLToPath(uri.replace(/^file:\/{0,2}(?=[^/])/, 'file:///'))];
    } catch {
      return [];
    }
  }
  if (/^[a-z][a-z0-9+.-]+:/i.test(uri)) return [];
  return isAbsolute(uri) ? [uri] : [resolve(folder, uri)];
}

/**
 * The folder that an artifact URI of MLflow means, where it is on this machine: a path, a file URL, or one that a
 * server with its default folder beside the store serves.
 */
export function artifactFolderOf(uri: string | null, folder: string): string | undefined {
  if (uri === null || uri === '') return undefined;
  return candidates(uri, folder).find((path) => existsSync(path));
}

/** True where the artifacts are not on this machine: in a bucket, or with a server that is elsewhere. */
export function isOutOfReach(uri: string | null, folder: string | undefined): boolean {
  return folder === undefined && uri !== null && /^[a-z][a-z0-9+.-]+:/i.test(uri) && !/^file:/i.test(uri);
}
