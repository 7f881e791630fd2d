import { canonicalJson } from '@atelier/base';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What a trial computes from. */
export interface TrialContent {
  /** The whole configuration; where it runs (threads) and what it is filed under (project) are left out. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Of the splits, in place of the name of the data set. */
  readonly datasetDigest: string | undefined;
  readonly codeVersion: string;
}

function without(
  values: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !keys.includes(key)));
}

/** The identity of a trial: 64 hex digits that are equal where the same is computed from the same. */
export function trialKey({ config, datasetDigest, codeVersion }: TrialContent): string {
  const engine = without((config['engine'] ?? {}) as Record<string, unknown>, ['threads']);
  const shared = datasetDigest === undefined ? config : { ...without(config, ['project', 'data']), engine };
  return sha256(canonicalJson({ config: shared, datasetDigest: datasetDigest ?? null, codeVersion }));
}

/** Sources that decide what a training computes. */
function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|cc?|cpp|h|hpp)$/.test(entry.name))
    .filter((entry) => !/\.test\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/[\\/](node_modules|dist|cli|sweep)[\\/]/.test(relative(folder, path)))
    .sort();
}

/**
 * The version of the code that trains: a digest of the sources of data, engine, model, metrics and train without
 * their commands. Stays as it is where a commit touches something else, and moves with uncommitted changes.
 */
export function trainingCodeVersion(): string {
  const { resolve } = createRequire(import.meta.url);
  const packages = ['data', 'engine', 'metrics', 'model'].map((name) =>
    dirname(resolve(`@atelier/${name}/package.json`)),
  );
  const folders = [
    ...packages
      .flatMap((folder) => [join(folder, 'src'), join(folder, 'native')])
      .filter((folder) => existsSync(folder)),
    fileURLToPath(new URL('..', import.meta.url)),
  ];
  const hash = createHash('sha256');
  for (const folder of folders)
    for (const file of sourceFiles(folder))
      hash.update(`${relative(folder, file)}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

/** The version of an objective module: a digest of its file; what it imports is not looked at. */
export function moduleVersion(path: string): string {
  return sha256(readFileSync(path));
}
