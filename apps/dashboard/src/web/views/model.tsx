import { useState } from 'preact/hooks';
import type { Holdings, Model, ModelEvent, History, Verified, Version } from '../../api/models.ts';
import { bytes, metric, when } from '../format.ts';
import { Aliases, PredicateTable, Sentences } from '../parts/model-parts.tsx';
import { Swatch } from '../parts/run-name.tsx';
import { ask, useAnswer } from '../state/api.ts';
import { bump, listVersion } from '../state/live.ts';
import { param, setParams } from '../state/url.ts';
import '../styles/models.css';
import { PromoteForm, RollBackForm } from './model-promote.tsx';
import type { PageProps } from './pages.ts';

function VersionRow({ model, version }: { model: Model; version: Version }) {
  const names = Object.entries(model.aliases).filter(([, held]) => held === version.version);
  const isOpen = param('promote') === String(version.version);
  return (
    <tr class={isOpen ? 'ticked' : ''}>
      <th scope="row">v{version.version}</th>
      <td>
        <Aliases aliases={names} />
      </td>
      <td>
        <Swatch id={version.runId} />
        <a href={`/runs/${version.runId}`}>{version.runName}</a>
      </td>
      <td class="number">{metric('test/accuracy', version.metrics['test/accuracy'])}</td>
      <td class="number">{metric('test/macroF1', version.metrics['test/macroF1'])}</td>
      <td class="number">{bytes(version.bytes)}</td>
      <td>{when(version.createdAt)}</td>
      <td>
        <a class="plain" href={`/try?a=${encodeURIComponent(`${model.name}@${version.version}`)}`}>
          Try
        </a>{' '}
        <button
          type="button"
          class="plain"
          aria-pressed={isOpen}
          onClick={() => setParams({ promote: isOpen ? null : String(version.version) })}
        >
          Promote…
        </button>
      </td>
    </tr>
  );
}

function Versions({ model }: { model: Model }) {
  return (
    <div class="scroll">
      <table>
        <caption>Versions, newest first. A number is never given twice.</caption>
        <thead>
          <tr>
            <th scope="col">version</th>
            <th scope="col">aliases</th>
            <th scope="col">run</th>
            <th scope="col" class="number">
              test accuracy
            </th>
            <th scope="col" class="number">
              macro F1
            </th>
            <th scope="col" class="number">
              size
            </th>
            <th scope="col">registered</th>
            <th scope="col">
              <span class="hidden">actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {model.versions.map((version) => (
            <VersionRow key={version.version} model={model} version={version} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** dataset → run → version → gate → alias of the version that an alias names. */
function Lineage({
  alias,
  version,
  event,
}: {
  alias: string;
  version: Version;
  event: ModelEvent | undefined;
}) {
  const gate =
    event === undefined ? '–' : event.kind === 'rolled-back' ? 'rolled back' : (event.gate?.file ?? '–');
  const verdict = event?.passed === true ? 'passed' : event?.kind === 'promoted' ? 'overridden' : '';
  return (
    <ol class="lineage" aria-label={`How version ${version.version} became ${alias}`}>
      <li>
        <span>dataset</span>
        <code title={version.datasetDigest ?? ''}>{version.datasetDigest?.slice(0, 10) ?? 'unknown'}</code>
      </li>
      <li>
        <span>run</span>
        <a href={`/runs/${version.runId}`}>{version.runName}</a>
      </li>
      <li>
        <span>version</span>
        <b>v{version.version}</b>
      </li>
      <li class={verdict}>
        <span>gate</span>
        {gate} {verdict && <em>{verdict}</em>}
      </li>
      <li>
        <span>alias</span>
        <b>{alias}</b>
      </li>
    </ol>
  );
}

const WORDS = {
  registered: 'registered',
  promoted: 'promoted to',
  'rolled-back': 'rolled back to',
  deleted: 'deleted',
} as const;

function EventItem({ event }: { event: ModelEvent }) {
  const overridden = event.kind === 'promoted' && event.passed === false;
  const failed = event.predicates.filter(
    ({ outcome }) => outcome === 'failed' || outcome === 'unknown',
  ).length;
  return (
    <li class={`event ${event.kind} ${overridden ? 'overridden' : ''}`}>
      <p>
        <b>
          {event.kind === 'registered' || event.kind === 'deleted'
            ? `v${event.version} ${WORDS[event.kind]}`
            : `${event.alias} ${WORDS[event.kind]} v${event.version}`}
        </b>{' '}
        {event.from !== null && <span class="muted">from v{event.from} </span>}
        {overridden && <span class="bad">against the gate </span>}
        <span class="muted">
          by {event.by}, <time title={new Date(event.at).toISOString()}>{when(event.at)}</time> · event{' '}
          {event.seq} <code>{event.hash.slice(0, 10)}</code>
        </span>
      </p>
      {event.reason !== null && <p class="reason">“{event.reason}”</p>}
      {event.predicates.length > 0 && (
        <details>
          <summary>
            {event.gate?.file}:{' '}
            {failed === 0
              ? `all ${event.predicates.length} hold`
              : `${failed} of ${event.predicates.length} do not hold`}
          </summary>
          <Sentences sentences={event.sentences} />
          <PredicateTable predicates={event.predicates} />
          <p class="muted">smoke check {event.smoke}</p>
        </details>
      )}
    </li>
  );
}

/** Computes all evidence again and checks the chain. */
function Verify() {
  const [state, set] = useState<Verified | 'running' | string>();
  const run = (): void => {
    set('running');
    void ask<Verified>('/api/models/verify').then(({ data, problem }) => set(data ?? problem?.message ?? ''));
  };
  return (
    <p class="verify" role="status">
      <button type="button" class="plain" disabled={state === 'running'} onClick={run}>
        {state === 'running' ? 'Computing the evidence again…' : 'Verify the history'}
      </button>
      {typeof state === 'object' &&
        (state.problems.length === 0 ? (
          <span class="good">
            {' '}
            {state.events} events: the chain is whole, and all evidence comes out the same.
          </span>
        ) : (
          <span class="bad">
            {' '}
            {state.problems
              .map(({ seq, what }) => `${seq === null ? '' : `event ${seq}: `}${what}`)
              .join('; ')}
          </span>
        ))}
      {typeof state === 'string' && state !== 'running' && <span class="bad"> {state}</span>}
    </p>
  );
}

/** Who held which alias on a day. */
function OnDay({ name }: { name: string }) {
  const day = param('day', '');
  const path = day === '' ? null : `/api/models/${encodeURIComponent(name)}/holdings?at=${day}`;
  const { data, problem } = useAnswer<Holdings>(path, listVersion.value);
  const shown = data?.holdings.map(({ alias, atBeginning, atEnd }) => {
    const name = (version: number | null): string => (version === null ? 'nobody' : `v${version}`);
    return `${alias}: ${atBeginning === atEnd ? name(atEnd) : `${name(atBeginning)}, then ${name(atEnd)}`}`;
  });
  return (
    <p class="on-day">
      <label>
        Who held what on{' '}
        <input type="date" value={day} onInput={(event) => setParams({ day: event.currentTarget.value })} />
      </label>{' '}
      <span role="status">
        {day !== '' &&
          (problem?.message ?? (shown?.length === 0 ? 'nobody held any alias' : shown?.join('; ')))}
      </span>
    </p>
  );
}

function Whole({ model, history }: { model: Model; history: History }) {
  const lastMove = (alias: string): ModelEvent | undefined =>
    history.events.find((event) => event.alias === alias);
  const chosen = model.versions.find(({ version }) => String(version) === param('promote'));
  const changed = (): void => bump([]);
  return (
    <article>
      <header class="title">
        <h1>{model.name}</h1>
        <Aliases aliases={Object.entries(model.aliases)} />
      </header>
      {Object.entries(model.aliases).map(([alias, held]) => {
        const version = model.versions.find((one) => one.version === held);
        return version && <Lineage key={alias} alias={alias} version={version} event={lastMove(alias)} />;
      })}
      <Versions model={model} />
      {chosen && <PromoteForm key={chosen.version} model={model} version={chosen} changed={changed} />}
      <section aria-labelledby="history">
        <h2 id="history">History</h2>
        <Verify />
        <OnDay name={model.name} />
        <RollBackForm model={model} changed={changed} />
        <ol class="events">
          {history.events.map((event) => (
            <EventItem key={event.seq} event={event} />
          ))}
        </ol>
      </section>
    </article>
  );
}

/** `/models/fashion` */
export function ModelPage({ name }: PageProps) {
  const path = `/api/models/${name}`;
  const model = useAnswer<Model>(path, listVersion.value);
  const history = useAnswer<History>(`${path}/history`, listVersion.value);
  const problem = model.problem ?? history.problem;
  if (problem) {
    return (
      <p class="notice">
        {problem.message} <a href="/models">All models</a>
      </p>
    );
  }
  if (model.data === undefined || history.data === undefined)
    return <p class="quiet">Reading the registry…</p>;
  document.title = `${model.data.name} · Atelier`;
  return <Whole model={model.data} history={history.data} />;
}
