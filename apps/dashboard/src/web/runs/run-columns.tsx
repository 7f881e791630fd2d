import type { ComponentChildren } from 'preact';
import { own } from '../../api/own.ts';
import type { TableRow } from '../../api/runs.ts';
import { decimal, duration, isShare, metric, percent, when } from '../shell/format.ts';
import { GitCommit, RunLink, Status } from '../shell/run-name.tsx';
import { RunNotes, RunTags } from './run-edit.tsx';

export interface Column {
  /** What it is sorted by, and its name in the address. */
  readonly key: string;
  readonly title: string;
  readonly number?: boolean;
  /** Characters it needs. */
  readonly width: number;
  readonly show: (run: TableRow) => ComponentChildren;
}

/** Width of a digit. In `ch` the browser would look the font up again for each cell of each frame. */
const DIGIT_EM = 0.56;

/** A cell's share of the row: as wide as its column needs, wider where there is room. */
export function cellStyle({ width }: Column): { flex: string } {
  return { flex: `${width} 0 ${(width * DIGIT_EM).toFixed(2)}em` };
}

function elapsed(run: TableRow): number {
  return run.durationMs ?? Date.now() - run.createdAt;
}

function epochs({ epochs: { done, planned } }: TableRow): string {
  if (done === null && planned === null) return '–';
  return planned === null ? String(done) : `${done ?? 0} / ${planned}`;
}

const BUILT_IN: readonly Column[] = [
  { key: 'status', title: 'status', width: 11, show: (run) => <Status run={run} /> },
  { key: 'name', title: 'run', width: 26, show: (run) => <RunLink run={run} /> },
  { key: 'project', title: 'project', width: 16, show: (run) => run.project },
  { key: 'group', title: 'group', width: 14, show: (run) => run.group ?? '–' },
  { key: 'engine', title: 'engine', width: 13, show: (run) => run.engine },
  { key: 'tag', title: 'tags', width: 12, show: (run) => <RunTags run={run} /> },
  { key: 'notes', title: 'notes', width: 30, show: (run) => <RunNotes run={run} /> },
  { key: 'epoch', title: 'epochs', number: true, width: 9, show: epochs },
  { key: 'duration', title: 'time', number: true, width: 12, show: (run) => duration(elapsed(run)) },
  {
    key: 'created',
    title: 'started',
    width: 18,
    show: (run) => <time title={new Date(run.createdAt).toISOString()}>{when(run.createdAt)}</time>,
  },
  { key: 'commit', title: 'commit', width: 15, show: (run) => <GitCommit git={run.git} /> },
];

/** Shown where the address says nothing. */
export const DEFAULT_COLUMNS = [
  'status',
  'name',
  'tag',
  'engine',
  'val/accuracy',
  'test/accuracy',
  'val/loss',
  'train/imagesPerSecond',
  'epoch',
  'duration',
  'created',
  'commit',
];

const TITLES: Readonly<Record<string, string>> = { 'train/imagesPerSecond': 'images/s' };

function plain(value: TableRow['columns'][string] | undefined): string {
  if (value === null || value === undefined) return '–';
  return typeof value === 'number' ? decimal(value) : String(value);
}

/** Any metric or parameter as a column. */
function fieldColumn(key: string): Column {
  const title = own(TITLES, key) ?? key.replace('/', ' ').replace(/^param\(`?(.*?)`?\)$/, '$1');
  return {
    key,
    title,
    number: true,
    width: Math.max(9, title.length + 2),
    show: ({ metrics, columns }) =>
      Object.hasOwn(metrics, key) ? metric(key, own(metrics, key)) : plain(own(columns, key)),
  };
}

export function columnOf(key: string): Column {
  return BUILT_IN.find((column) => column.key === key) ?? fieldColumn(key);
}

/** What the server must be asked for besides what every row has. */
export function fieldsOf(keys: readonly string[]): string[] {
  return keys.filter((key) => !BUILT_IN.some((column) => column.key === key));
}

export const BUILT_IN_KEYS: readonly string[] = BUILT_IN.map(({ key }) => key);

/** A spread as `91.2% ± 0.3`. */
export function spread(
  name: string,
  { mean, low, high }: { mean: number | null; low: number | null; high: number | null },
): string {
  if (mean === null) return '–';
  const half = low === null || high === null ? undefined : (high - low) / 2;
  if (isShare(name)) return percent(mean) + (half === undefined ? '' : ` ± ${(half * 100).toFixed(2)}`);
  return decimal(mean) + (half === undefined ? '' : ` ± ${decimal(half)}`);
}
