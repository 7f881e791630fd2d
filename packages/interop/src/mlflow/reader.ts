import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { CurvePoint, ImportedArtifact } from '@atelier/tracker';
import type { MlflowExperiment, MlflowRun } from './records.ts';

/** An MLflow store that is open for reading. */
export interface MlflowReader extends Disposable {
  readonly experiments: readonly MlflowExperiment[];
  readonly runCount: number;
  /** What the store holds that is not imported, in words. */
  readonly leftBehind: readonly string[];
  runs(): Iterable<{ readonly experiment: MlflowExperiment; readonly run: MlflowRun }>;
  /** Metric histories, one at a time. */
  curves(run: MlflowRun, experiment: MlflowExperiment): Iterable<MlflowCurve>;
  /** The folder of the run's artifacts; undefined where it is not on this machine. */
  artifactFolder(run: MlflowRun, experiment: MlflowExperiment): string | undefined;
}

export interface MlflowCurve {
  readonly key: string;
  readonly points: readonly CurvePoint[];
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.bin': 'application/octet-stream',
  '.csv': 'text/csv',
  '.html': 'text/html',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.md': 'text/markdown',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.yaml': 'application/yaml',
  '.yml': 'application/yaml',
};

/** Every file below a folder as an artifact, by its path with slashes. */
export function* artifactsBelow(folder: string, prefix = ''): Generator<ImportedArtifact> {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const file = join(folder, entry.name);
    const path = prefix + entry.name;
    const found = statSync(file, { throwIfNoEntry: false });
    if (found?.isDirectory()) yield* artifactsBelow(file, `${path}/`);
    else if (found?.isFile()) {
      yield {
        path,
        mediaType: MEDIA_TYPES[extname(entry.name).toLowerCase()] ?? 'application/octet-stream',
        createdAt: Math.round(found.mtimeMs),
        bytes: () => readFileSync(file),
      };
    }
  }
}
