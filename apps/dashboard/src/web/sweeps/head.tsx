import { useState } from 'preact/hooks';
import type { SweepDetail } from '../../api/sweep.ts';
import { metric } from '../shell/format.ts';
import { doneOf, STATES, totalOf } from './progress.tsx';

/** Asks the server for something about a sweep; what went wrong, in words. */
async function ask(id: number, what: 'stop' | 'resume'): Promise<string | undefined> {
  const response = await fetch(`/api/sweeps/${id}/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  }).catch(() => null);
  if (response?.ok) return undefined;
  const answer = (await response?.json().catch(() => null)) as { message?: string } | null;
  return answer?.message ?? 'The server did not answer.';
}

/** Asks whoever schedules the sweep to stop. */
export function StopButton({ id }: { id: number }) {
  const [words, say] = useState<string | null>(null);
  const stop = async (): Promise<void> =>
    say((await ask(id, 'stop')) ?? 'Stop asked for: running trials are parked.');
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

function ResumeButton({ id }: { id: number }) {
  const [isStarting, setStarting] = useState(false);
  const [problem, setProblem] = useState<string | undefined>();
  const resume = async (): Promise<void> => {
    setStarting(true);
    setProblem(undefined);
    setProblem(await ask(id, 'resume'));
    setStarting(false);
  };
  return (
    <>
      <button type="button" class="plain" disabled={isStarting} onClick={() => void resume()}>
        {isStarting ? 'Starting…' : 'Resume'}
      </button>
      {problem !== undefined && (
        <pre class="notice" role="alert">
          {problem}
        </pre>
      )}
    </>
  );
}

/** Goes on with a sweep that nobody carries out: at once, where the server can, or by a command. */
export function Resume({ detail }: { detail: SweepDetail }) {
  const command = detail.resumeCommand;
  const [copied, setCopied] = useState(false);
  const copy = (): void => void navigator.clipboard.writeText(command).then(() => setCopied(true));
  return (
    <div class="command">
      {detail.canResume && <ResumeButton id={detail.sweep.id} />}
      <code>{command}</code>
      <button type="button" class="plain" onClick={copy}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
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
