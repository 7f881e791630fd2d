import './charts.css';
import './sweep.css';
import type { SweepList, SweepRow } from '../../api/sweep.ts';
import { metric, when } from '../shell/format.ts';
import { doneOf, Progress, SweepStatus, totalOf } from './progress.tsx';
import { useAnswer } from '../shell/api.ts';
import { useSweepVersion } from './live.ts';

function Row({ sweep }: { sweep: SweepRow }) {
  const [objective] = sweep.objectives;
  const whole = Math.max(totalOf(sweep), sweep.planned ?? 0);
  return (
    <tr>
      <td>
        <SweepStatus sweep={sweep} />
      </td>
      <td data-column="name">
        <a href={`/sweeps/${sweep.id}`}>{sweep.name}</a>
      </td>
      <td data-column="project">{sweep.project}</td>
      <td data-column="sampler">{sweep.sampler ?? '–'}</td>
      <td data-column="pruner">{sweep.pruner ?? '–'}</td>
      <td>
        <Progress sweep={sweep} />
      </td>
      <td data-column="done" class="number">
        {doneOf(sweep)} / {whole}
      </td>
      <td class="number">{objective && sweep.best ? metric(objective.metric, sweep.best.values[0]) : '–'}</td>
      <td data-column="objective">{sweep.objectives.map(({ metric: name }) => name).join(', ') || '–'}</td>
      <td data-column="createdAt">
        <time title={new Date(sweep.createdAt).toISOString()}>{when(sweep.createdAt)}</time>
      </td>
    </tr>
  );
}

function FirstSweep() {
  return (
    <section class="empty">
      <h1>No sweep yet</h1>
      <p>Start the first one in a terminal; it appears here while it runs.</p>
      <pre tabIndex={0}>
        npx nx run train:sweep --recipe=seed-cnn --sampler=grid \{'\n'} --space
        optimizer.learningRate=0.0003,0.001,0.003
      </pre>
    </section>
  );
}

const COLUMNS = [
  ['status', 'status'],
  ['name', 'sweep'],
  ['project', 'project'],
  ['sampler', 'sampler'],
  ['pruner', 'pruner'],
  ['progress', 'progress'],
  ['done', 'done'],
  ['best', 'best'],
  ['objective', 'objective'],
  ['createdAt', 'started'],
] as const;

/** All sweeps, newest first. */
export function SweepsView() {
  const { data, problem } = useAnswer<SweepList>('/api/sweeps', useSweepVersion());
  if (problem) return <p class="notice">{problem.message}</p>;
  if (data === undefined) return <p class="quiet">Reading the sweeps…</p>;
  if (data.sweeps.length === 0) return <FirstSweep />;
  const newest = data.sweeps.toSorted((a, b) => b.createdAt - a.createdAt || b.id - a.id);
  return (
    <>
      <header class="tools">
        <h1>Sweeps</h1>
        <span class="muted" role="status">
          {newest.length} {newest.length === 1 ? 'sweep' : 'sweeps'}
        </span>
      </header>
      <div class="scroll" tabIndex={0} role="region" aria-label="Table of sweeps">
        <table class="sweeps">
          <thead>
            <tr>
              {COLUMNS.map(([key, title]) => (
                <th
                  key={key}
                  scope="col"
                  data-column={key}
                  class={key === 'done' || key === 'best' ? 'number' : ''}
                >
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {newest.map((sweep) => (
              <Row key={sweep.id} sweep={sweep} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
