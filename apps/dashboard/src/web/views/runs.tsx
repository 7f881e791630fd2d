import type { ComponentChildren } from 'preact';
import type { RunList, RunRow } from '../../api/schema.ts';
import { decimal, duration, percent, when } from '../format.ts';
import { GitCommit, Status, Swatch } from '../parts/run-name.tsx';
import { useAnswer } from '../state/api.ts';
import { listVersion } from '../state/live.ts';
import { navigate, param, setParams } from '../state/url.ts';

interface Column {
  readonly key: string;
  readonly title: string;
  readonly number?: true;
  readonly value: (run: RunRow) => string | number | null | undefined;
  readonly show: (run: RunRow) => ComponentChildren;
}

function metricColumn(
  key: string,
  title: string,
  format: (value: number | null | undefined) => string,
): Column {
  return {
    key,
    title,
    number: true,
    value: (run) => run.metrics[key],
    show: (run) => format(run.metrics[key]),
  };
}

function elapsed(run: RunRow): number {
  return run.durationMs ?? Date.now() - run.createdAt;
}

function epochs({ epochs: { done, planned } }: RunRow): string {
  if (done === null && planned === null) return '–';
  return planned === null ? String(done) : `${done ?? 0} / ${planned}`;
}

const COLUMNS: readonly Column[] = [
  { key: 'status', title: 'status', value: (run) => run.status, show: (run) => <Status run={run} /> },
  {
    key: 'name',
    title: 'run',
    value: (run) => run.name,
    show: (run) => (
      <>
        <Swatch id={run.id} />
        <a href={`/runs/${run.id}`}>{run.name}</a>
      </>
    ),
  },
  { key: 'project', title: 'project', value: (run) => run.project, show: (run) => run.project },
  { key: 'engine', title: 'engine', value: (run) => run.engine, show: (run) => run.engine },
  metricColumn('val/accuracy', 'val accuracy', percent),
  metricColumn('test/accuracy', 'test accuracy', percent),
  metricColumn('val/loss', 'val loss', decimal),
  metricColumn('train/imagesPerSecond', 'images/s', (value) =>
    value ? Math.round(value).toLocaleString('en') : '–',
  ),
  { key: 'epochs', title: 'epochs', number: true, value: (run) => run.epochs.done, show: epochs },
  { key: 'duration', title: 'time', number: true, value: elapsed, show: (run) => duration(elapsed(run)) },
  {
    key: 'createdAt',
    title: 'started',
    value: (run) => run.createdAt,
    show: (run) => <time title={new Date(run.createdAt).toISOString()}>{when(run.createdAt)}</time>,
  },
  {
    key: 'git',
    title: 'commit',
    value: (run) => run.git?.commit,
    show: (run) => <GitCommit git={run.git} />,
  },
];

/** Every word must be found somewhere in what the row says. */
function isFound(run: RunRow, words: readonly string[]): boolean {
  const text = [run.name, run.project, run.group, run.engine, run.status, run.git?.commit, ...run.tags]
    .join(' ')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

function sorted(runs: readonly RunRow[], sort: string): RunRow[] {
  const direction = sort.startsWith('-') ? -1 : 1;
  const column = COLUMNS.find(({ key }) => key === sort.replace(/^-/, ''));
  return runs.toSorted((a, b) => {
    const [x, y] = [column?.value(a), column?.value(b)];
    if (x === y) return b.id - a.id;
    // what is not there comes last, whichever way
    if (x === null || x === undefined) return 1;
    if (y === null || y === undefined) return -1;
    return (x < y ? -1 : 1) * direction;
  });
}

function Heading({ column, sort }: { column: Column; sort: string }) {
  const isSorted = sort.replace(/^-/, '') === column.key;
  const down = sort.startsWith('-');
  const next = isSorted
    ? down
      ? column.key
      : `-${column.key}`
    : column.number || column.key === 'createdAt'
      ? `-${column.key}`
      : column.key;
  return (
    <th
      scope="col"
      data-column={column.key}
      class={column.number && 'number'}
      aria-sort={isSorted ? (down ? 'descending' : 'ascending') : 'none'}
    >
      <button type="button" onClick={() => setParams({ sort: next })}>
        {column.title}
        <span aria-hidden="true">{isSorted ? (down ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </th>
  );
}

function Row({ run, ticked }: { run: RunRow; ticked: readonly number[] }) {
  const isTicked = ticked.includes(run.id);
  const toggled = isTicked ? ticked.filter((id) => id !== run.id) : [...ticked, run.id];
  return (
    <tr class={isTicked ? 'ticked' : ''}>
      <td>
        <input
          type="checkbox"
          checked={isTicked}
          aria-label={`Compare ${run.name}`}
          onChange={() => setParams({ pick: toggled.join() })}
        />
      </td>
      {COLUMNS.map((column) => (
        <td key={column.key} data-column={column.key} class={column.number && 'number'}>
          {column.show(run)}
        </td>
      ))}
    </tr>
  );
}

function FirstRun() {
  return (
    <section class="empty">
      <h1>No run yet</h1>
      <p>Train the first one in a terminal; it appears here while it trains.</p>
      <pre>npx nx run data:fetch{'\n'}npx nx run train:run --recipe=seed-cnn --epochs=5</pre>
    </section>
  );
}

/** All runs; tick two or more to compare them. */
export function RunsView() {
  const { data, problem } = useAnswer<RunList>('/api/runs', listVersion.value);
  const ticked = param('pick', '').split(',').filter(Boolean).map(Number);
  const words = param('q', '').toLowerCase().split(/\s+/).filter(Boolean);
  const sort = param('sort', '-createdAt');
  if (problem) return <p class="notice">{problem.message}</p>;
  if (data === undefined) return <p class="quiet">Reading the runs…</p>;
  if (data.runs.length === 0) return <FirstRun />;
  const shown = sorted(
    data.runs.filter((run) => isFound(run, words)),
    sort,
  );
  return (
    <>
      <header class="tools">
        <h1>Runs</h1>
        <input
          type="search"
          placeholder="filter: name, project, engine, status, tag"
          aria-label="Filter runs"
          value={param('q', '')}
          onInput={(event) => setParams({ q: event.currentTarget.value })}
        />
        <span class="muted" role="status">
          {shown.length === data.runs.length ? data.runs.length : `${shown.length} of ${data.runs.length}`}{' '}
          runs
        </span>
        <button
          type="button"
          class="primary"
          disabled={ticked.length < 2}
          onClick={() => navigate(`/compare?runs=${ticked.join()}`)}
        >
          {ticked.length < 2 ? 'Tick two to compare' : `Compare ${ticked.length} runs`}
        </button>
      </header>
      <div class="scroll">
        <table class="runs">
          <thead>
            <tr>
              <th>
                <span class="hidden">compare</span>
              </th>
              {COLUMNS.map((column) => (
                <Heading key={column.key} column={column} sort={sort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((run) => (
              <Row key={run.id} run={run} ticked={ticked} />
            ))}
          </tbody>
        </table>
      </div>
      {shown.length === 0 && <p class="quiet">No run is like that.</p>}
    </>
  );
}
