import type { Run, RunSummary, Tracker } from '@atelier/tracker';
import { EvaluatedSplit } from '../api/query.ts';
import type { RunDetail, RunRow } from '../api/schema.ts';

type Facts = Pick<RunRow, 'epochs' | 'git'>;

function plannedEpochs(run: Run): number | null {
  const epochs = run.parameters['epochs'];
  return typeof epochs === 'number' ? epochs : null;
}

function epochsDone(tracker: Tracker, id: number): number | null {
  const { curves } = tracker.curves(id, { keys: ['val/loss'] });
  return curves[0]?.points.at(-1)?.epoch ?? null;
}

function factsOf(tracker: Tracker, run: Run): Facts {
  return {
    epochs: { done: epochsDone(tracker, run.id), planned: plannedEpochs(run) },
    git: run.environment.git ?? null,
  };
}

function toRow(run: RunSummary, facts: Facts): RunRow {
  return {
    id: run.id,
    project: run.project,
    group: run.group ?? null,
    name: run.name,
    status: run.status,
    tags: [...run.tags],
    engine: run.engine,
    createdAt: run.createdAt,
    endedAt: run.endedAt ?? null,
    durationMs: run.durationMs ?? null,
    metrics: { ...run.metrics },
    ...facts,
  };
}

/** @throws RunUnknownError of the tracker. */
export function runDetail(tracker: Tracker, id: number): RunDetail {
  const run = tracker.getRun(id);
  const { machine, node, engine, command } = run.environment;
  const splits = new Set(run.ledgers.map((ledger) => ledger.split));
  return {
    ...toRow(run, factsOf(tracker, run)),
    parameters: { ...run.parameters },
    environment: { machine, node, engine, command: [...command] },
    notes: run.notes ?? null,
    archived: run.deletedAt !== undefined,
    error: run.error === undefined ? null : { ...run.error, step: run.error.step ?? null },
    datasetDigest: run.datasetDigest ?? null,
    artifacts: run.artifacts.map((artifact) => ({ ...artifact })),
    evaluated: EvaluatedSplit.options.filter((split) => splits.has(split)),
  };
}
