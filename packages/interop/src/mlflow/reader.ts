import { statSync } from 'node:fs';
import { extname } from 'node:path';
import type { CurvePoint, ImportedArtifact } from '@atelier/tracker';
import type { ArtifactPlace } from './artifact-place.ts';
import type { MlflowExperiment, MlflowRun } from './records.ts';
import { filesBelow, readStoreFile } from './store-files.ts';

/** An MLflow store that is open for reading. */
export interface MlflowReader extends Disposable {
  readonly experiments: readonly MlflowExperiment[];
  readonly runCount: number;
  /** What the store holds that is not imported, in words. */
  readonly leftBehind: readonly string[];
  /** What cannot be read besides runs: experiments, by name. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
  /** `read` throws where the run cannot be read; the others can. */
  runs(): Iterable<FoundRun>;
  /** Metric histories, one at a time. */
  curves(run: MlflowRun, experiment: MlflowExperiment): Iterable<MlflowCurve>;
  artifacts(run: MlflowRun): ArtifactPlace;
}

export interface FoundRun {
  readonly name: string;
  readonly experiment: MlflowExperiment;
  readonly read: () => MlflowRun;
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

/** Bytes of one artifact: it is held in memory whole. */
const LARGEST_ARTIFACT = 2 ** 31 - 1;

/** Every ordinary file below a folder as an artifact, by its path with slashes. Links are not followed. */
export function* artifactsBelow(folder: string): Generator<ImportedArtifact> {
  for (const { path, file } of filesBelow(folder)) {
    yield {
      path,
      mediaType: MEDIA_TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream',
      createdAt: Math.max(0, Math.round(statSync(file).mtimeMs)),
      bytes: () => readStoreFile(file, LARGEST_ARTIFACT),
    };
  }
}
