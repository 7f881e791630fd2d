import type { SweepRow, SweepTrialState } from '../../api/sweep.ts';

/** In the order of the bar, with the words for people. */
export const STATES: readonly (readonly [SweepTrialState, string])[] = [
  ['COMPLETE', 'complete'],
  ['PRUNED', 'pruned'],
  ['FAILED', 'failed'],
  ['RUNNING', 'running'],
  ['QUEUED', 'queued'],
];

export const totalOf = ({ counts }: Pick<SweepRow, 'counts'>): number =>
  STATES.reduce((sum, [state]) => sum + counts[state], 0);

export const doneOf = ({ counts }: Pick<SweepRow, 'counts'>): number =>
  counts.COMPLETE + counts.PRUNED + counts.FAILED;

/** Trials by state, as parts of what is planned. */
export function Progress({ sweep }: { sweep: SweepRow }) {
  const whole = Math.max(totalOf(sweep), sweep.planned ?? 0, 1);
  const words = STATES.filter(([state]) => sweep.counts[state] > 0).map(
    ([state, word]) => `${sweep.counts[state]} ${word}`,
  );
  return (
    <span
      class="progress"
      role="img"
      aria-label={words.join(', ') || 'no trial yet'}
      title={words.join(', ')}
    >
      {STATES.map(([state, word]) => (
        <i key={state} class={word} style={{ width: `${(100 * sweep.counts[state]) / whole}%` }} />
      ))}
    </span>
  );
}

/** RUNNING without a process that schedules it is no running sweep. */
function wordOf({ status, isLed, isStopping }: SweepRow): string {
  if (status !== 'RUNNING') return status.toLowerCase();
  if (!isLed) return 'interrupted';
  return isStopping ? 'stopping' : 'running';
}

export function SweepStatus({ sweep }: { sweep: SweepRow }) {
  const word = wordOf(sweep);
  return <span class={`status ${word}`}>{word}</span>;
}
