import {
  type Axis,
  configurations,
  contour,
  empiricalDistribution,
  importance,
  optimizationHistory,
  parallelCoordinates,
  paretoFront,
  slices,
  timeline,
  type Objective,
} from '@atelier/search';
import type { SweepTrial } from '@atelier/tracker';
import type {
  SweepAnalysis,
  SweepAxis,
  SweepContour,
  SweepDetail,
  SweepImportance,
  SweepTrialRow,
} from '../api/sweep.ts';
import { NotFoundError } from '../errors.ts';
import { bestTrial, type ReadSpec, specOf, sweepRow } from './sweep-spec.ts';
import type { SweepSource } from './sweep-source.ts';

/** fANOVA's time grows with the trials: long sweeps get smaller forests. */
const TREES = { few: 64, many: 16 };
const MANY_TRIALS = 2000;

const finite = (value: number | undefined): number | null => (Number.isFinite(value) ? value! : null);

function axisRow({ choices, ...axis }: Axis): SweepAxis {
  return { ...axis, ...(choices && { choices: [...choices] }) };
}

function trialRow(trial: SweepTrial): SweepTrialRow {
  const last = trial.reports.at(-1);
  return {
    number: trial.number,
    state: trial.state,
    parameters: { ...trial.parameters },
    values: trial.values.map(finite),
    seed: trial.seed,
    runId: trial.runId ?? null,
    worker: trial.worker ?? null,
    attempts: trial.attempts,
    isReused: trial.reusedFrom !== undefined,
    startedAt: trial.startedAt ?? null,
    endedAt: trial.endedAt ?? null,
    last: last ? { step: last.step, value: finite(last.value) } : null,
    reason: trial.pruneReason ?? trial.error?.message ?? null,
  };
}

/** As a shell reads it: names may hold anything. */
function quoted(name: string): string {
  return /^[\w./-]+$/.test(name) ? name : `'${name.replaceAll("'", String.raw`'\''`)}'`;
}

export function sweepDetail(
  source: SweepSource,
  id: number,
  can: Pick<SweepDetail, 'canStop' | 'canResume'>,
): SweepDetail {
  const sweep = source.get(id);
  const spec = specOf(sweep);
  const trials = source.trials(id);
  return {
    sweep: sweepRow(sweep, bestTrial(sweep, trials)),
    axes: slices([], spec.space).map(({ axis }) => axisRow(axis)),
    trials: trials.map(trialRow),
    ...can,
    resumeCommand: `npx nx run train:sweep resume ${quoted(sweep.name)}`,
  };
}

/** @throws NotFoundError for an objective that the sweep does not have. */
function objectiveOf({ objectives }: ReadSpec, index: number): Objective {
  const objective = objectives[index];
  if (!objective) {
    const message = `there is no objective ${index}: those of this sweep are 0 to ${objectives.length - 1}`;
    throw new NotFoundError('OBJECTIVE_UNKNOWN', message);
  }
  return objective;
}

export function sweepAnalysis(source: SweepSource, id: number, index: number): SweepAnalysis {
  const spec = specOf(source.get(id));
  const objective = objectiveOf(spec, index);
  const trials = source.trials(id);
  const { points, front } = paretoFront(trials, spec.objectives);
  const parallel = parallelCoordinates(trials, spec.space, spec.objectives);
  return {
    history: optimizationHistory(trials, objective, index),
    distribution: empiricalDistribution(trials, index),
    pareto: { points: points.map((point) => ({ ...point, values: [...point.values] })), front: [...front] },
    parallel: {
      axes: parallel.axes.map(axisRow),
      objectives: [...parallel.objectives],
      lines: parallel.lines.map((line) => ({ ...line, places: [...line.places], values: [...line.values] })),
    },
    slices: slices(trials, spec.space, index).map(({ axis, points: all }) => ({
      axis: axisRow(axis),
      points: [...all],
    })),
    timeline: timeline(trials),
    configurations: configurations(trials, spec.objectives).map((one) => ({
      parameters: { ...one.parameters },
      numbers: [...one.numbers],
      values: [...one.values],
    })),
  };
}

export function sweepImportance(
  source: SweepSource,
  id: number,
  index: number,
  method: SweepImportance['method'],
): SweepImportance {
  const spec = specOf(source.get(id));
  const trials = source.trials(id);
  const trees = trials.length > MANY_TRIALS ? TREES.many : TREES.few;
  const found = importance(trials, spec.space, objectiveOf(spec, index), { method, index, trees });
  return { ...found, parameters: [...found.parameters], leftOut: [...found.leftOut] };
}

/** @throws NotFoundError for a parameter that the space does not have. */
export function sweepContour(
  source: SweepSource,
  id: number,
  { objective, x, y }: { objective: number; x: string; y: string },
): SweepContour {
  const spec = specOf(source.get(id));
  objectiveOf(spec, objective);
  for (const path of [x, y]) {
    if (!Object.hasOwn(spec.space.parameters, path)) {
      throw new NotFoundError('PARAMETER_UNKNOWN', `the space of this sweep has no parameter "${path}"`);
    }
  }
  const found = contour(source.trials(id), spec.space, [x, y], objective);
  return {
    x: axisRow(found.x),
    y: axisRow(found.y),
    xEdges: [...found.xEdges],
    yEdges: [...found.yEdges],
    cells: [...found.cells],
    points: [...found.points],
  };
}
