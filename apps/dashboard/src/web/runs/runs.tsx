import { useMemo, useState } from 'preact/hooks';
import { Choice } from '../shell/choice.tsx';
import { change } from '../shell/api.ts';
import { bump } from '../shell/live.ts';
import { RowStore } from './row-store.ts';
import { toFilter, useOrder } from './run-order.ts';
import { navigate, param, setParams } from '../shell/url.ts';
import './run-rows.css';
import './runs.css';
import { DEFAULT_COLUMNS, fieldsOf } from './run-columns.tsx';
import { RunFamilies } from './run-families.tsx';
import { RunFilter } from './run-filter.tsx';
import { RunRows } from './run-rows.tsx';
import { ColumnPicker, ViewPicker } from './run-views.tsx';

const MOST_COMPARED = 500;

function FirstRun() {
  return (
    <section class="empty">
      <h1>No run yet</h1>
      <p>Train the first one in a terminal; it appears here while it trains.</p>
      <pre>npx nx run data:fetch{'\n'}npx nx run train:run --recipe=fashion-cnn --epochs=5</pre>
    </section>
  );
}

function columnsOf(text: string): readonly string[] {
  try {
    const columns: unknown = JSON.parse(text);
    if (Array.isArray(columns) && columns.every((one) => typeof one === 'string')) return columns;
  } catch {
    // an address typed by hand
  }
  return DEFAULT_COLUMNS;
}

interface BarProps {
  readonly ids: readonly number[];
  readonly ticked: readonly number[];
  readonly trash: boolean;
}

/** What can be done with the ticked runs. */
function Selection({ ids, ticked, trash }: BarProps) {
  const [problem, setProblem] = useState<string>();
  const all = ids.length > 0 && ticked.length >= Math.min(ids.length, MOST_COMPARED);
  const act = (verb: 'trash' | 'restore'): void => {
    void change('POST', `/api/runs/${verb}`, { ids: ticked }).then((refused) => {
      setProblem(refused?.message);
      if (refused === undefined) setParams({ pick: null });
      bump(ticked);
    });
  };
  return (
    <>
      <button
        type="button"
        class="plain"
        onClick={() => setParams({ pick: all ? null : ids.slice(0, MOST_COMPARED).join() })}
      >
        {all ? 'Untick all' : `Tick ${ids.length > MOST_COMPARED ? `the first ${MOST_COMPARED}` : 'all'}`}
      </button>
      {ticked.length > 0 && (
        <button type="button" class="plain" onClick={() => act(trash ? 'restore' : 'trash')}>
          {trash ? `Restore ${ticked.length}` : `Archive ${ticked.length}`}
        </button>
      )}
      {problem && (
        <span class="problem" role="alert">
          {problem}
        </span>
      )}
      <button
        type="button"
        class="primary"
        disabled={ticked.length < 2 || trash}
        onClick={() => navigate(`/compare?runs=${ticked.join()}`)}
      >
        {ticked.length < 2 ? 'Tick two to compare' : `Compare ${ticked.length} runs`}
      </button>
    </>
  );
}

const tickedRuns = (): number[] => param('pick', '').split(',').filter(Boolean).map(Number);

function toggle(id: number): void {
  const ticked = tickedRuns();
  const picked = ticked.includes(id) ? ticked.filter((one) => one !== id) : [...ticked, id];
  setParams({ pick: picked.join() });
}

/** All runs: filtered, sorted, edited; tick two or more to compare them. */
export function RunsView() {
  const show = param('show', 'runs');
  const trash = show === 'archive';
  const filter = toFilter(param('q', ''));
  const sort = param('sort', 'created');
  const columns = columnsOf(param('columns', ''));
  const store = useMemo(() => new RowStore(fieldsOf(columns)), [columns.join('\n')]);
  const { ids, problem } = useOrder(filter, sort, trash, (order) => store.prepare(order));
  const ticked = tickedRuns();
  document.title = 'Runs · Atelier';
  if (ids === undefined) {
    return problem ? <p class="notice">{problem.message}</p> : <p class="quiet">Reading the runs…</p>;
  }
  if (ids.length === 0 && filter === '' && !trash && show === 'runs') return <FirstRun />;
  const csv = `/api/runs/table.csv?${new URLSearchParams({ filter, sort, trash: trash ? '1' : '0' })}`;
  return (
    <>
      <header class="tools runs-tools">
        <h1>Runs</h1>
        <Choice
          name="show"
          label="What is listed"
          fallback="runs"
          clears={['pick']}
          options={[
            ['runs', 'runs'],
            ['families', 'seed families'],
            ['archive', 'archive'],
          ]}
        />
        <span class="muted" role="status">
          {ids.length.toLocaleString('en')} {filter === '' ? (trash ? 'archived' : 'runs') : 'found'}
        </span>
        <ViewPicker />
        <ColumnPicker columns={columns} />
        <a class="plain" href={csv} download="runs.csv">
          CSV
        </a>
      </header>
      {show === 'families' ? (
        <RunFamilies />
      ) : (
        <>
          <div class="tools">
            <RunFilter asked={filter} problem={problem} />
            <Selection ids={ids} ticked={ticked} trash={trash} />
          </div>
          <RunRows
            ids={ids}
            store={store}
            columns={columns}
            sort={sort}
            ticked={new Set(ticked)}
            toggle={toggle}
            curve={param('curve', 'val/accuracy')}
          />
          {ids.length === 0 && (
            <p class="quiet">{trash ? 'The archive is empty.' : 'No run is like that.'}</p>
          )}
        </>
      )}
    </>
  );
}
