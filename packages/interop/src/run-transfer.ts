import type { DatasetRecord, ImportedRun, Run, Tracker } from '@atelier/tracker';
import { curvesOf, ledgersOf, summaryOf } from './run-reading.ts';

function datasetsOf(tracker: Tracker, run: Run): DatasetRecord[] {
  const digests = new Set(run.ledgers.map(({ datasetDigest }) => datasetDigest));
  if (run.datasetDigest !== undefined) digests.add(run.datasetDigest);
  return [...digests].flatMap((digest) => tracker.dataset(digest) ?? []);
}

/** What a run that was still running counts as where its copy goes. */
function endOf(run: Run): Pick<ImportedRun, 'status' | 'endedAt' | 'error'> {
  if (run.status !== 'RUNNING') {
    return { status: run.status, endedAt: run.endedAt ?? run.startedAt, error: run.error };
  }
  const message = 'the run was still running when it was copied';
  return { status: 'KILLED', endedAt: Date.now(), error: { code: 'COPIED_RUNNING', message } };
}

/** A run of one tracker, ready to be stored in another. */
export function toImportedRun(tracker: Tracker, run: Run, project = run.project): ImportedRun {
  const { group, name, config, tags, notes, datasetDigest, environment, createdAt, startedAt } = run;
  return {
    start: { project, group, name, config, tags: [...tags], notes, datasetDigest, environment },
    createdAt,
    startedAt,
    ...endOf(run),
    datasets: datasetsOf(tracker, run),
    curves: () => curvesOf(tracker, run),
    summary: (lasts) => summaryOf(run, lasts),
    artifacts: () =>
      run.artifacts.map(({ path, mediaType, createdAt }) => ({
        path,
        mediaType,
        createdAt,
        bytes: () => tracker.readArtifact(run.id, path),
      })),
    ledgers: () => ledgersOf(tracker, run),
  };
}
