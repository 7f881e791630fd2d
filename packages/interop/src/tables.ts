import type { CurvePoint, ParameterValue, Run } from '@atelier/tracker';

/** `timestamp`: epoch milliseconds, UTC. Numbers of `int64` columns are safe integers. */
export type ColumnKind = 'int64' | 'double' | 'boolean' | 'string' | 'timestamp';

export type Cell = number | boolean | string | null;

/** A column of a table of `Row`s; null stands for "there is none", NaN for a NaN. */
export interface TableColumn<Row> {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Never null: Parquet then needs no levels. */
  readonly required?: boolean;
  readonly of: (row: Row) => Cell;
}

const RUN_COLUMNS: readonly TableColumn<Run>[] = [
  { name: 'id', kind: 'int64', required: true, of: (run) => run.id },
  { name: 'project', kind: 'string', required: true, of: (run) => run.project },
  { name: 'group', kind: 'string', of: (run) => run.group ?? null },
  { name: 'name', kind: 'string', required: true, of: (run) => run.name },
  { name: 'status', kind: 'string', required: true, of: (run) => run.status },
  { name: 'createdAt', kind: 'timestamp', required: true, of: (run) => run.createdAt },
  { name: 'startedAt', kind: 'timestamp', required: true, of: (run) => run.startedAt },
  { name: 'endedAt', kind: 'timestamp', of: (run) => run.endedAt ?? null },
  { name: 'durationMs', kind: 'int64', of: (run) => run.durationMs ?? null },
  { name: 'tags', kind: 'string', required: true, of: (run) => JSON.stringify(run.tags) },
  { name: 'notes', kind: 'string', of: (run) => run.notes ?? null },
  { name: 'datasetDigest', kind: 'string', of: (run) => run.datasetDigest ?? null },
  { name: 'errorCode', kind: 'string', of: (run) => run.error?.code ?? null },
  { name: 'errorMessage', kind: 'string', of: (run) => run.error?.message ?? null },
  { name: 'errorStep', kind: 'int64', of: (run) => run.error?.step ?? null },
  { name: 'engine', kind: 'string', required: true, of: (run) => run.engine },
  { name: 'engineVersion', kind: 'string', required: true, of: (run) => run.environment.engine.version },
  { name: 'threads', kind: 'int64', required: true, of: (run) => run.environment.engine.threads },
  { name: 'precision', kind: 'string', required: true, of: (run) => run.environment.engine.precision },
  { name: 'cpu', kind: 'string', required: true, of: (run) => run.environment.machine.cpu },
  { name: 'gitCommit', kind: 'string', of: (run) => run.environment.git?.commit ?? null },
  { name: 'gitBranch', kind: 'string', of: (run) => run.environment.git?.branch ?? null },
  { name: 'gitDirty', kind: 'boolean', of: (run) => run.environment.git?.dirty ?? null },
  { name: 'command', kind: 'string', required: true, of: (run) => JSON.stringify(run.environment.command) },
];

/** What the values of one setting have in common. */
function kindOf(values: readonly ParameterValue[]): ColumnKind {
  const present = values.filter((value) => value !== null);
  if (present.length > 0 && present.every((value) => typeof value === 'boolean')) return 'boolean';
  if (present.length === 0 || !present.every((value) => typeof value === 'number')) return 'string';
  return present.every((value) => Number.isSafeInteger(value)) ? 'int64' : 'double';
}

function parameterColumn(name: string, values: readonly ParameterValue[]): TableColumn<Run> {
  const kind = kindOf(values);
  const of = (run: Run): Cell => run.parameters[name] ?? null;
  if (kind !== 'string') return { name: `param.${name}`, kind, of };
  return { name: `param.${name}`, kind, of: (run) => (of(run) === null ? null : String(of(run))) };
}

/**
 * The columns of the run table: what every run has, then a column per setting (`param.optimizer.learningRate`, typed
 * by its values; text where they differ in type) and per metric (`metric.val/accuracy`, its last value or summary).
 */
export function runColumns(runs: Iterable<Run>): TableColumn<Run>[] {
  const parameters = new Map<string, ParameterValue[]>();
  const metrics = new Set<string>();
  for (const run of runs) {
    for (const [name, value] of Object.entries(run.parameters)) {
      const values = parameters.get(name);
      if (values === undefined) parameters.set(name, [value]);
      else values.push(value);
    }
    for (const name of Object.keys(run.metrics)) metrics.add(name);
  }
  return [
    ...RUN_COLUMNS,
    ...[...parameters].map(([name, values]) => parameterColumn(name, values)),
    ...[...metrics].sort().map((name): TableColumn<Run> => ({
      name: `metric.${name}`,
      kind: 'double',
      of: (run) => run.metrics[name] ?? null,
    })),
  ];
}

/** One point of a curve in the long form. */
export interface PointRow {
  readonly runId: number;
  readonly key: string;
  readonly point: CurvePoint;
}

export const POINT_COLUMNS: readonly TableColumn<PointRow>[] = [
  { name: 'runId', kind: 'int64', required: true, of: (row) => row.runId },
  { name: 'key', kind: 'string', required: true, of: (row) => row.key },
  { name: 'step', kind: 'int64', required: true, of: (row) => row.point.step },
  { name: 'epoch', kind: 'double', of: (row) => row.point.epoch ?? null },
  { name: 'wallTime', kind: 'timestamp', required: true, of: (row) => row.point.wallTime },
  { name: 'value', kind: 'double', required: true, of: (row) => row.point.value },
];
