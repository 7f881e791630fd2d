import { type ModelVersion, registryOf } from '@atelier/registry';
import type { Run, Tracker } from '@atelier/tracker';
import type { Candidate } from '../api/try.ts';

/** Runs offered besides the registered versions, newest first. */
const RUNS = 200;

function modelFolder(files: readonly { readonly path: string }[]): string | undefined {
  const json = files.find(({ path }) => path === 'model.json' || path.endsWith('/model.json'));
  return json?.path.slice(0, -'model.json'.length);
}

function candidateOf(
  tracker: Tracker,
  run: Run,
  folder: string,
): Omit<Candidate, 'key' | 'label' | 'aliases'> {
  const ledger = run.ledgers.find(({ split }) => split === 'test') ?? run.ledgers[0];
  const digest = ledger?.datasetDigest ?? run.datasetDigest;
  const dataset = digest === undefined ? undefined : tracker.dataset(digest);
  const accuracy = run.metrics['test/accuracy'];
  const inFolder = run.artifacts.filter(({ path }) => path.startsWith(folder) && /\.(json|bin)$/.test(path));
  return {
    runId: run.id,
    folder,
    bytes: inFolder.reduce((sum, { size }) => sum + size, 0),
    datasetDigest: digest ?? null,
    datasetName: dataset?.name ?? null,
    classNames: dataset === undefined ? null : [...dataset.classNames],
    testCount: dataset?.splits['test']?.labels.length ?? 0,
    accuracy: accuracy !== undefined && Number.isFinite(accuracy) ? accuracy : null,
  };
}

function ofVersion(tracker: Tracker, version: ModelVersion): Candidate[] {
  const folder = modelFolder(version.files);
  if (folder === undefined) return [];
  try {
    const run = tracker.getRun(version.runId);
    return [
      {
        ...candidateOf(tracker, run, folder),
        key: `${version.model}@${version.version}`,
        label: `${version.model} ${version.version}`,
        aliases: [...version.aliases],
      },
    ];
  } catch (error) {
    if ((error as { code?: unknown }).code === 'RUN_UNKNOWN') return [];
    throw error;
  }
}

/** What can answer in the page: registered versions, then runs with a saved model. */
export function candidates(tracker: Tracker): Candidate[] {
  const versions = registryOf(tracker, { readonly: true })
    .models()
    .flatMap((model) => model.versions);
  const runs = tracker.listRuns({ limit: RUNS }).flatMap((summary): Candidate[] => {
    const run = tracker.getRun(summary.id);
    const folder = modelFolder(run.artifacts);
    if (folder === undefined) return [];
    return [{ ...candidateOf(tracker, run, folder), key: `run:${run.id}`, label: run.name, aliases: [] }];
  });
  return [...versions.flatMap((version) => ofVersion(tracker, version)), ...runs];
}
