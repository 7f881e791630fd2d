import type { RunQuery, RunTableRow, SeedFamily, Tracker } from '@atelier/tracker';
import { own } from '../api/own.ts';
import type { Families, RunRows, Sparklines, TableRow } from '../api/runs.ts';

/** What every row shows besides what the tracker gives by itself. */
const ALWAYS = ['epochs', 'epoch', 'commit', 'branch', 'dirty', 'notes'] as const;
const SPARKLINE_POINTS = 40;

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

/** Terms of `sort=val/loss,-name`: descending unless a minus says otherwise. Commas inside brackets belong to a cell. */
export function sortTerms(sort: string): NonNullable<RunQuery['sort']> {
  const terms = sort.match(/(?:\[[^\]]*\]|[^,])+/g) ?? [];
  return terms.map((term) =>
    term.startsWith('-')
      ? { by: term.slice(1), order: 'asc' as const }
      : { by: term, order: 'desc' as const },
  );
}

/** JSON has neither NaN nor infinities. */
function finite(metrics: Readonly<Record<string, number>>): Record<string, number | null> {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, number(value)]));
}

function toRow(run: RunTableRow): TableRow {
  const { epochs, epoch, commit, branch, dirty, notes, ...columns } = run.columns;
  const hash = text(commit);
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
    epochs: { done: number(epoch), planned: number(epochs) },
    git: hash === null ? null : { commit: hash, branch: text(branch) ?? '', dirty: dirty === 1 },
    metrics: finite(run.metrics),
    notes: text(notes),
    columns: Object.fromEntries(
      Object.entries(columns).map(([name, value]) => [
        name,
        typeof value === 'number' ? number(value) : value,
      ]),
    ),
  };
}

export function tableRows(
  tracker: Tracker,
  ids: readonly number[],
  columns: readonly string[] = [],
): RunRows {
  return { runs: tracker.runRows(ids, { columns: [...ALWAYS, ...columns] }).map(toRow) };
}

/** Runs without this curve, and those that are gone, are left out. */
export function sparklines(tracker: Tracker, ids: readonly number[], key: string): Sparklines {
  const curves: Record<string, (number | null)[]> = {};
  for (const { id } of tracker.runRows(ids, { metrics: [] })) {
    const view = tracker.curve(id, key, { pixels: SPARKLINE_POINTS });
    if (view !== undefined) curves[id] = view.buckets.map(({ last }) => number(last));
  }
  return { curves };
}

function toFamily({ family, project, name, runs, metrics }: SeedFamily): Families['families'][number] {
  return {
    family,
    project,
    name,
    runs: runs.map((run) => ({ id: run.id, name: run.name })),
    metrics: Object.fromEntries(
      Object.entries(metrics).map(([metric, { n, mean, low, high }]) => [
        metric,
        { n, mean: number(mean), low: number(low), high: number(high) },
      ]),
    ),
  };
}

export function families(tracker: Tracker): Families {
  return { families: tracker.families({ atLeast: 2, limit: 100 }).map(toFamily) };
}

function cell(value: unknown): string {
  const shown = value === null || value === undefined ? '' : String(value);
  // a spreadsheet would run what begins like a formula
  const safe = /^[=+@\t\r]|^-[^\d.]/.test(shown) ? `'${shown}` : shown;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const CSV_ROWS = 500;

/** All runs of a filter as CSV, in parts: a header, then rows with every metric and parameter. */
export function* csv(tracker: Tracker, ids: readonly number[]): Generator<string> {
  const { metrics, parameters } = tracker.fieldNames();
  const fixed = ['id', 'name', 'project', 'group', 'status', 'engine', 'created', 'seconds', 'tags', 'notes'];
  yield `${[...fixed, ...metrics, ...parameters].map(cell).join(',')}\r\n`;
  for (let at = 0; at < ids.length; at += CSV_ROWS) {
    const rows = tracker.runRows(ids.slice(at, at + CSV_ROWS), {
      columns: ['notes', ...parameters.map(asParameter)],
    });
    const lines = rows.map((run) =>
      [
        run.id,
        run.name,
        run.project,
        run.group,
        run.status,
        run.engine,
        new Date(run.createdAt).toISOString(),
        run.durationMs === undefined ? '' : run.durationMs / 1000,
        run.tags.join(';'),
        run.columns['notes'],
        ...metrics.map((name) => own(run.metrics, name)),
        ...parameters.map((name) => own(run.columns, asParameter(name))),
      ]
        .map(cell)
        .join(','),
    );
    yield lines.map((line) => `${line}\r\n`).join('');
  }
}

/** A parameter by its name, whatever else is called so. */
const asParameter = (name: string): string => `param(\`${name.replaceAll(/[\\`]/g, '\\$&')}\`)`;
