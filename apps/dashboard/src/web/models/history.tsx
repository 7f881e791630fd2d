import type { Held, ModelDetail, ModelEvent } from '../../api/models.ts';
import { useAnswer } from '../shell/api.ts';
import { param, setParams } from '../shell/url.ts';
import { Evidence } from './evidence.tsx';

function sentence(event: ModelEvent): string {
  const from = event.from === null ? '' : `, from ${event.from}`;
  if (event.kind === 'registered') return `version ${event.version} registered`;
  if (event.kind === 'deleted') return `version ${event.version} deleted`;
  if (event.kind === 'rolled-back') return `${event.alias} rolled back to ${event.version}${from}`;
  return `${event.alias} moved to ${event.version}${from}${event.overridden ? ', against the gate' : ''}`;
}

function Entry({ event }: { event: ModelEvent }) {
  return (
    <li id={`event-${event.seq}`} class={event.overridden ? 'overridden' : event.kind}>
      <p>
        <b>{sentence(event)}</b>{' '}
        <span class="muted">
          by {event.by}, <time>{new Date(event.at).toLocaleString('sv')}</time>
        </span>
      </p>
      {event.reason !== null && <p class="wrap">“{event.reason}”</p>}
      {event.judgement && (
        <details>
          <summary>evidence of the gate</summary>
          <Evidence judgement={event.judgement} />
        </details>
      )}
      <p class="muted hashes">
        event {event.seq} <code title={event.hash}>{event.hash.slice(0, 12)}</code> after{' '}
        <code title={event.previous}>{event.previous.slice(0, 12)}</code>
        {event.evidenceSha256 && (
          <>
            , evidence <code title={event.evidenceSha256}>{event.evidenceSha256.slice(0, 12)}</code>
          </>
        )}
      </p>
    </li>
  );
}

/** Every event of a model, newest first. */
export function History({ events }: { events: readonly ModelEvent[] }) {
  return (
    <section aria-labelledby="history">
      <header>
        <h2 id="history">History</h2>
      </header>
      <ol class="history">
        {events.map((event) => (
          <Entry key={event.seq} event={event} />
        ))}
      </ol>
    </section>
  );
}

const who = (version: number | null): string => (version === null ? 'nobody' : `version ${version}`);

/** Who held an alias on a day. */
export function HeldOn({ model }: { model: ModelDetail }) {
  const on = param('on', '');
  const query = new URLSearchParams({ model: model.name, on });
  const { data, problem } = useAnswer<Held>(
    on === '' ? null : `/api/registry/held?${query}`,
    model.events.length,
  );
  return (
    <section aria-labelledby="held">
      <header>
        <h2 id="held">Who was it on</h2>
        <input
          type="date"
          class="day"
          aria-label="Day"
          value={on}
          onChange={(event) => setParams({ on: event.currentTarget.value || null })}
        />
      </header>
      <div role="status">
        {problem && <p class="notice">{problem.message}</p>}
        {data?.holdings.length === 0 && <p class="muted">No alias named anything by then.</p>}
        {data?.holdings.map(({ alias, atBeginning, atEnd, moves }) => (
          <p key={alias}>
            <b>{alias}</b>:{' '}
            {moves.length === 0
              ? `${who(atEnd)} all day`
              : `${who(atBeginning)} when it began, ${who(atEnd)} when it ended; events ${moves.join(', ')}`}
          </p>
        ))}
      </div>
    </section>
  );
}
