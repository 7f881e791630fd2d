import type { Run, Tracker } from '@atelier/tracker';
import type { ComparedRun, RunSet } from '../api/compare.ts';
import { own } from '../api/own.ts';
import { EvaluatedSplit } from '../api/query.ts';

function find(tracker: Tracker, id: number): Run | undefined {
  try {
    const run = tracker.getRun(id);
    return run.deletedAt === undefined ? run : undefined;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'RUN_UNKNOWN') return undefined;
    throw error;
  }
}

function toCompared(run: Run): ComparedRun {
  const splits = new Set(run.ledgers.map(({ split }) => split));
  const metrics = Object.entries(run.metrics).map(
    ([name, value]) => [name, Number.isFinite(value) ? value : null] as const,
  );
  return {
    id: run.id,
    name: run.name,
    project: run.project,
    status: run.status,
    family: run.family ?? null,
    evaluated: EvaluatedSplit.options.filter((split) => splits.has(split)),
    metrics: Object.fromEntries(metrics),
  };
}

/** Runs side by side, in the order asked for; the first is what the others are measured against. */
export function runSet(tracker: Tracker, ids: readonly number[]): RunSet {
  const found = ids.map((id) => find(tracker, id));
  const runs = found.filter((run) => run !== undefined);
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.parameters)))].sort();
  const parameters = names.map((name) => {
    const values = runs.map((run) => own(run.parameters, name) ?? null);
    return { name, values, differs: new Set(values).size > 1 };
  });
  return {
    runs: runs.map(toCompared),
    missing: ids.filter((_, at) => found[at] === undefined),
    parameters,
  };
}
