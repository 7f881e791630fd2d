import { useState } from 'preact/hooks';
import type { SweepDetail } from '../../api/sweep.ts';
import { metric } from '../format.ts';
import { doneOf, STATES, totalOf } from './sweep-progress.tsx';

/** Asks whoever schedules the sweep to stop. */
export function StopButton({ id }: { id: number }) {
  const [words, say] = useState<string | null>(null);
  const stop = async (): Promise<void> => {
    const response = await fetch(`/api/sweeps/${id}/stop`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    }).catch(() => null);
    if (response?.ok) return say('Stop asked for: running trials are parked.');
    const answer = (await response?.json().catch(() => null)) as { message?: string } | null;
    say(answer?.message ?? 'The server did not answer.');
  };
  return (
    <>
      <button type="button" class="plain" onClick={() => void stop()}>
        Stop
      </button>
      <span class="muted small" role="status">
        {words}
      </span>
    </>
  );
}

export function ResumeCommand({ command }: { command: string }) {
  const [copied, setCopied] = useState(false);
  const copy = (): void => void navigator.clipboard.writeText(command).then(() => setCopied(true));
  return (
    <p class="command">
      <code>{command}</code>
      <button type="button" class="plain" onClick={copy}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </p>
  );
}

/** The figures that come first. */
export function Headline({ detail }: { detail: SweepDetail }) {
  const { sweep, trials } = detail;
  const best = trials.find(({ number }) => number === sweep.best?.number);
  const reused = trials.filter(({ isReused }) => isReused).length;
  return (
    <dl class="headline">
      {best && (
        <div>
          <dt>best {sweep.objectives[0]!.metric}</dt>
          <dd>{metric(sweep.objectives[0]!.metric, best.values[0])}</dd>
        </div>
      )}
      {best && (
        <div>
          <dt>best trial</dt>
          <dd>
            {best.number}
            {best.runId !== null && (
              <a class="beside" href={`/runs/${best.runId}`}>
                run {best.runId}
              </a>
            )}
          </dd>
        </div>
      )}
      <div>
        <dt>trials done</dt>
        <dd>
          {doneOf(sweep)} / {Math.max(totalOf(sweep), sweep.planned ?? 0)}
        </dd>
      </div>
      {STATES.filter(([state]) => state !== 'COMPLETE' && sweep.counts[state] > 0).map(([state, word]) => (
        <div key={state}>
          <dt>{word}</dt>
          <dd>{sweep.counts[state]}</dd>
        </div>
      ))}
      {reused > 0 && (
        <div>
          <dt>reused</dt>
          <dd>{reused}</dd>
        </div>
      )}
    </dl>
  );
}
