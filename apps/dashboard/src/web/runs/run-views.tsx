import { useState } from 'preact/hooks';
import type { FieldNames, SavedViews } from '../../api/runs.ts';
import { change, useAnswer } from '../shell/api.ts';
import { listVersion } from '../shell/live.ts';
import { address, navigate, setParams } from '../shell/url.ts';
import { BUILT_IN_KEYS, columnOf, DEFAULT_COLUMNS } from './run-columns.tsx';

/** A box that opens below its button and closes with Escape. */
function Drawer({ title, children }: { title: string; children: preact.ComponentChildren }) {
  const [isOpen, open] = useState(false);
  return (
    <details
      class="drawer"
      onToggle={(event) => open(event.currentTarget.open)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.open = false;
      }}
    >
      <summary class="plain">{title}</summary>
      <div>{isOpen && children}</div>
    </details>
  );
}

/** Which columns are shown: any metric, any parameter. */
export function ColumnPicker({ columns }: { columns: readonly string[] }) {
  return (
    <Drawer title="Columns">
      <ColumnChoices columns={columns} />
    </Drawer>
  );
}

function ColumnChoices({ columns }: { columns: readonly string[] }) {
  const { data } = useAnswer<FieldNames>('/api/runs/fields', undefined);
  const [words, setWords] = useState('');
  const store = (chosen: readonly string[]): void => {
    const isDefault = chosen.join() === DEFAULT_COLUMNS.join();
    setParams({ columns: isDefault ? null : JSON.stringify(chosen) });
  };
  const offered = [
    ...new Set([...columns, ...BUILT_IN_KEYS, ...(data?.metrics ?? []), ...(data?.parameters ?? [])]),
  ];
  const found = offered.filter((key) => key.toLowerCase().includes(words.toLowerCase()));
  return (
    <>
      <input
        type="search"
        aria-label="Find a column"
        placeholder="find a metric or parameter"
        value={words}
        onInput={(event) => setWords(event.currentTarget.value)}
      />
      <ul class="choices">
        {found.slice(0, 200).map((key) => (
          <li key={key}>
            <label>
              <input
                type="checkbox"
                checked={columns.includes(key)}
                onChange={() =>
                  store(columns.includes(key) ? columns.filter((one) => one !== key) : [...columns, key])
                }
              />
              {BUILT_IN_KEYS.includes(key) ? columnOf(key).title : key}
            </label>
          </li>
        ))}
      </ul>
      <button type="button" class="plain" onClick={() => store(DEFAULT_COLUMNS)}>
        As at first
      </button>
    </>
  );
}

/** Named views: filter, order and columns together. */
export function ViewPicker() {
  return (
    <Drawer title="Views">
      <ViewChoices />
    </Drawer>
  );
}

function ViewChoices() {
  const [version, setVersion] = useState(0);
  const { data } = useAnswer<SavedViews>('/api/views', version + listVersion.value);
  const [name, setName] = useState('');
  const [problem, setProblem] = useState<string>();
  const done = (refused: { message: string } | undefined): void => {
    setProblem(refused?.message);
    setVersion((count) => count + 1);
    if (refused === undefined) setName('');
  };
  const query = new URLSearchParams(address.value.search);
  query.delete('pick');
  const save = (event: Event): void => {
    event.preventDefault();
    void change('PUT', '/api/views', { name, query: query.toString() }).then(done);
  };
  return (
    <>
      <ul class="choices">
        {(data?.views ?? []).map((view) => (
          <li key={view.name}>
            <button type="button" class="link" onClick={() => navigate(`/?${view.query}`)}>
              {view.name}
            </button>
            <button
              type="button"
              class="plain"
              aria-label={`Forget the view ${view.name}`}
              onClick={() => void change('DELETE', `/api/views/${encodeURIComponent(view.name)}`).then(done)}
            >
              forget
            </button>
          </li>
        ))}
        {data?.views.length === 0 && <li class="muted">None yet: filter, sort, then keep it here.</li>}
      </ul>
      <form onSubmit={save}>
        <input
          type="text"
          aria-label="Name of the view"
          placeholder="name this view"
          required
          maxLength={80}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit" class="plain">
          Keep
        </button>
      </form>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
