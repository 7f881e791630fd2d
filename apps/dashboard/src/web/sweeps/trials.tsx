import type { ComponentChildren } from 'preact';
import { own } from '../../api/own.ts';
import type { SweepAnalysis, SweepDetail, SweepTrialRow } from '../../api/sweep.ts';
import { duration, metric } from '../shell/format.ts';
import { param, setParams } from '../shell/url.ts';
import { Choice } from '../shell/choice.tsx';
import { Configurations } from './configurations.tsx';
import { hoveredTrial, markedTrial, pickedTrial, pickTrial } from './focus.ts';
import { STATES } from './progress.tsx';
import { settingText, shortNames } from './scale.ts';

type Sortable = string | number | null | undefined;

interface Column {
  readonly key: string;
  readonly title: string;
  readonly hint?: string;
  readonly number?: boolean;
  readonly value: (trial: SweepTrialRow) => Sortable;
  readonly show: (trial: SweepTrialRow) => ComponentChildren;
}

function elapsed({ startedAt, endedAt }: SweepTrialRow): number | null {
  return startedAt === null ? null : (endedAt ?? Date.now()) - startedAt;
}

/** Short trials to the tenth of a second. */
const spent = (ms: number | null): string =>
  ms !== null && ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : duration(ms);

function lastWords({ last, reason, isReused }: SweepTrialRow, name: string): string {
  if (isReused) return 'reused: an equal finished trial';
  if (reason !== null) return reason;
  return last ? `step ${last.step}: ${metric(name, last.value)}` : '';
}

function columnsOf({ sweep, axes }: SweepDetail): Column[] {
  const first = sweep.objectives[0]?.metric ?? '';
  const names = shortNames(axes.map(({ path }) => path));
  return [
    {
      key: 'number',
      title: 'trial',
      number: true,
      value: ({ number }) => number,
      show: ({ number }) => (
        <button
          type="button"
          class="pick"
          aria-pressed={pickedTrial() === number}
          onClick={() => pickTrial(number)}
        >
          {number}
        </button>
      ),
    },
    {
      key: 'state',
      title: 'state',
      value: ({ state }) => state,
      show: ({ state }) => <span class={`status ${state.toLowerCase()}`}>{state.toLowerCase()}</span>,
    },
    ...sweep.objectives.map((objective, index): Column => ({
      key: `value${index}`,
      title: objective.metric,
      number: true,
      value: ({ values }) => values[index],
      show: ({ values }) => metric(objective.metric, values[index]),
    })),
    ...axes.map(({ path }): Column => ({
      key: path,
      title: names.get(path)!,
      hint: path,
      number: true,
      value: ({ parameters }) => sortable(own(parameters, path)),
      show: ({ parameters }) =>
        own(parameters, path) === undefined ? '–' : settingText(own(parameters, path)!),
    })),
    { key: 'seed', title: 'seed', number: true, value: ({ seed }) => seed, show: ({ seed }) => seed },
    { key: 'time', title: 'time', number: true, value: elapsed, show: (trial) => spent(elapsed(trial)) },
    {
      key: 'run',
      title: 'run',
      value: ({ runId }) => runId,
      show: ({ runId }) => (runId === null ? '–' : <a href={`/runs/${runId}`}>run {runId}</a>),
    },
    {
      key: 'last',
      title: 'last said',
      value: (trial) => lastWords(trial, first),
      show: (trial) => <span class="words">{lastWords(trial, first)}</span>,
    },
  ];
}

function sortable(value: unknown): Sortable {
  return typeof value === 'number' || value === undefined ? value : settingText(value);
}

function sorted(trials: readonly SweepTrialRow[], columns: readonly Column[], sort: string): SweepTrialRow[] {
  const direction = sort.startsWith('-') ? -1 : 1;
  const column = columns.find(({ key }) => key === sort.replace(/^-/, '')) ?? columns[0]!;
  return trials.toSorted((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    if (x === y) return a.number - b.number;
    // what is not there comes last, whichever way
    if (x === null || x === undefined) return 1;
    if (y === null || y === undefined) return -1;
    return (x < y ? -1 : 1) * direction;
  });
}

function Heading({ column, sort }: { column: Column; sort: string }) {
  const isSorted = sort.replace(/^-/, '') === column.key;
  const down = sort.startsWith('-');
  return (
    <th
      scope="col"
      class={column.number ? 'number' : ''}
      aria-sort={isSorted ? (down ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        title={column.hint}
        onClick={() => setParams({ sort: isSorted && down ? column.key : `-${column.key}` })}
      >
        {column.title}
        <span aria-hidden="true">{isSorted ? (down ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </th>
  );
}

const PAGE_ROWS = 20;

function Rows({
  shown,
  columns,
  sort,
}: {
  shown: readonly SweepTrialRow[];
  columns: readonly Column[];
  sort: string;
}) {
  const limit = Math.max(PAGE_ROWS, Number(param('rows', '0')) || 0);
  return (
    <>
      <div class="scroll" tabIndex={0} role="region" aria-label="Table of trials">
        <table class="trials">
          <thead>
            <tr>
              {columns.map((column) => (
                <Heading key={column.key} column={column} sort={sort} />
              ))}
            </tr>
          </thead>
          <tbody onPointerLeave={() => (hoveredTrial.value = null)}>
            {sorted(shown, columns, sort)
              .slice(0, limit)
              .map((trial) => (
                <tr
                  key={trial.number}
                  class={markedTrial() === trial.number ? 'ticked' : ''}
                  onPointerEnter={() => (hoveredTrial.value = trial.number)}
                >
                  {columns.map((column) => (
                    <td key={column.key} class={column.number ? 'number' : ''}>
                      {column.show(trial)}
                    </td>
                  ))}
                </tr>
              ))}
          </tbody>
        </table>
      </div>
      {shown.length > limit && (
        <p class="pager">
          <button type="button" onClick={() => setParams({ rows: String(limit + 5 * PAGE_ROWS) })}>
            Show more
          </button>
          {limit} of {shown.length} trials
        </p>
      )}
    </>
  );
}

interface TrialsProps {
  readonly detail: SweepDetail;
  readonly analysis: SweepAnalysis | undefined;
  readonly kept: ReadonlySet<number> | null;
}

/** The trials that the brushes and the choice of a state leave. */
export function TrialsPart({ detail, analysis, kept }: TrialsProps) {
  const columns = columnsOf(detail);
  const state = param('state', 'all');
  const down = detail.sweep.objectives[0]?.direction === 'maximize' ? '-' : '';
  const hasSeeds = analysis?.configurations.some(({ numbers }) => numbers.length > 1) ?? false;
  const byConfiguration = hasSeeds && param('by') === 'configuration';
  const present = STATES.filter(([name]) => detail.sweep.counts[name] > 0);
  const shown = detail.trials.filter(
    (trial) => (kept === null || kept.has(trial.number)) && (state === 'all' || trial.state === state),
  );
  return (
    <section aria-label="Trials">
      <header>
        <h2>Trials</h2>
        {hasSeeds && (
          <Choice
            name="by"
            label="Rows"
            fallback="trial"
            options={[
              ['trial', 'trials'],
              ['configuration', 'configurations'],
            ]}
          />
        )}
        {!byConfiguration && (
          <>
            <Choice name="state" label="State" fallback="all" options={[['all', 'all'], ...present]} />
            <span class="muted small" role="status">
              {shown.length === detail.trials.length
                ? shown.length
                : `${shown.length} of ${detail.trials.length}`}{' '}
              trials
            </span>
          </>
        )}
      </header>
      {byConfiguration && analysis ? (
        <Configurations detail={detail} analysis={analysis} />
      ) : (
        <Rows shown={shown} columns={columns} sort={param('sort', `${down}value0`)} />
      )}
    </section>
  );
}
