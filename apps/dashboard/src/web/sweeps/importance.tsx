import type { SweepImportance } from '../../api/sweep.ts';
import { percent } from '../shell/format.ts';
import { useAnswer } from '../shell/api.ts';
import { param } from '../shell/url.ts';
import { Choice } from '../shell/choice.tsx';
import { Dotted } from '../shell/dotted.tsx';

const METHODS = [
  ['ped-anova', 'among the best'],
  ['fanova', 'over the space'],
] as const;

const WORDS: Record<string, string> = {
  'ped-anova': 'What decides whether a trial is in the best tenth (PED-ANOVA).',
  fanova: 'What explains the objective over the whole space (fANOVA, random forest).',
};

/** A bar per parameter. */
export function ImportancePart({ id, index, version }: { id: string; index: number; version: number }) {
  const method = param('importance', 'ped-anova');
  const query = new URLSearchParams({ objective: String(index), method });
  const { data, problem } = useAnswer<SweepImportance>(`/api/sweeps/${id}/importance?${query}`, version);
  return (
    <section aria-label="Importance">
      <header>
        <h2>Importance</h2>
        <Choice name="importance" label="Importance" fallback="ped-anova" options={METHODS} />
      </header>
      {problem && <p class="notice">{problem.message}</p>}
      {data && (
        <>
          <ul class="importances">
            {data.parameters.map(({ path, importance }) => (
              <li key={path}>
                <span class="wrap">
                  <Dotted name={path} />
                </span>
                <i style={{ '--share': importance }} aria-hidden="true" />
                <b>{percent(importance, 0)}</b>
              </li>
            ))}
          </ul>
          <p class="small muted">
            {WORDS[data.method]} {data.trials} completed trials.
            {data.note !== undefined && ` ${data.note[0]!.toUpperCase()}${data.note.slice(1)}.`}
            {data.leftOut.length > 0 &&
              data.parameters.length > 0 &&
              ` Not in every trial, so left out: ${data.leftOut.join(', ')}.`}
          </p>
        </>
      )}
    </section>
  );
}
