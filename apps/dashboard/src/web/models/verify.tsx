import { useState } from 'preact/hooks';
import type { Verified } from '../../api/models.ts';
import { ask, type Answer } from '../shell/api.ts';

/** Computes the whole history's hashes and evidence again, when asked to. */
export function VerifyChain() {
  const [state, setState] = useState<Answer<Verified> | 'busy'>();
  const verify = async () => {
    setState('busy');
    setState(await ask<Verified>('/api/registry/verify'));
  };
  const found = state === 'busy' ? undefined : state?.data;
  return (
    <section aria-labelledby="chain">
      <header>
        <h2 id="chain">Hash chain</h2>
        <button type="button" class="plain" disabled={state === 'busy'} onClick={() => void verify()}>
          {state === 'busy' ? 'computing everything again…' : 'verify'}
        </button>
        <span class="muted">each event holds the SHA-256 of the one before it</span>
      </header>
      <div role="status">
        {state !== 'busy' && state?.problem && <p class="notice bad">{state.problem.message}</p>}
        {found && (
          <p class={found.problems.length === 0 ? 'sound' : 'notice bad'}>
            {found.events} events, the evidence of {found.recomputed} promotions computed again from the
            ledgers:{' '}
            {found.problems.length === 0
              ? 'everything is as the history says.'
              : `${found.problems.length} things are not as the history says.`}
          </p>
        )}
        {found && found.problems.length > 0 && (
          <ul>
            {found.problems.map(({ where, seq, what }) => (
              <li key={`${where}${seq}${what}`} class="wrap">
                {where} {seq !== null && `of event ${seq}`}: {what}
              </li>
            ))}
          </ul>
        )}
        {found?.head && (
          <p class="muted wrap">
            Head <code>{found.head}</code>. Kept elsewhere, it shows a shortened history too.
          </p>
        )}
      </div>
    </section>
  );
}
