import { useEffect, useState } from 'preact/hooks';
import type { Evaluation, RunDetail } from '../../api/schema.ts';
import { difference, metric, percent } from '../format.ts';
import { Choice } from '../parts/choice.tsx';
import { CurveBoard } from '../parts/curve-board.tsx';
import { show } from '../parts/facts.tsx';
import { MatrixComparison, type Compared, type Judged } from '../parts/matrix-comparison.tsx';
import { RunLink, Status } from '../parts/run-name.tsx';
import { ask } from '../state/api.ts';
import { listVersion } from '../state/live.ts';
import { param } from '../state/url.ts';

const METRICS = [
  'test/accuracy',
  'test/macroF1',
  'test/loss',
  'val/accuracy',
  'val/loss',
  'train/imagesPerSecond',
];

async function load(id: number, split: string): Promise<Compared | string> {
  const { data: run, problem } = await ask<RunDetail>(`/api/runs/${id}`);
  if (run === undefined) return problem?.message ?? 'no answer';
  if (!run.evaluated.some((name) => name === split)) return { run, evaluation: undefined };
  return { run, evaluation: (await ask<Evaluation>(`/api/runs/${id}/evaluation?split=${split}`)).data };
}

/** Better, worse or neither; lower is better for a loss. */
function verdict(name: string, by: number | null): string {
  if (by === null || by === 0) return '';
  return by > 0 === !name.includes('loss') ? 'better' : 'worse';
}

function Difference({
  name,
  value,
  base,
}: {
  name: string;
  value: number | null | undefined;
  base: number | null | undefined;
}) {
  const by = typeof value === 'number' && typeof base === 'number' ? value - base : null;
  const said = verdict(name, by);
  return (
    <span class={`by ${said}`}>
      {difference(name, by)}
      <span class="hidden"> {said}</span>
    </span>
  );
}

function Metrics({ runs }: { runs: readonly RunDetail[] }) {
  const base = runs[0]!;
  const names = METRICS.filter((name) => runs.some((run) => typeof run.metrics[name] === 'number'));
  return (
    <section class="scroll" aria-label="Headline metrics">
      <table class="versus">
        <thead>
          <tr>
            <th />
            {runs.map((run, at) => (
              <th key={run.id} scope="col" class="number">
                <RunLink run={run} /> <Status run={run} />
                <small>{at === 0 ? 'baseline' : 'against baseline'}</small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {runs.map((run, at) => (
                <td key={run.id} class="number">
                  <b>{metric(name, run.metrics[name])}</b>
                  {at > 0 && <Difference name={name} value={run.metrics[name]} base={base.metrics[name]} />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function ClassDifferences({ judged }: { judged: readonly Judged[] }) {
  const base = judged[0]!.evaluation;
  const widest = Math.max(
    0.005,
    ...judged.flatMap(({ evaluation }) =>
      evaluation.perClass.map((scores, at) => Math.abs(scores.f1 - base.perClass[at]!.f1)),
    ),
  );
  return (
    <section aria-labelledby="classes">
      <header>
        <h2 id="classes">F1 by class</h2>
      </header>
      <div class="scroll">
        <table class="versus">
          <thead>
            <tr>
              <th>class</th>
              {judged.map(({ run }) => (
                <th key={run.id} class="number">
                  <RunLink run={run} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {base.classNames.map((name, at) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {judged.map(({ run, evaluation }, column) => {
                  const by = evaluation.perClass[at]!.f1 - base.perClass[at]!.f1;
                  return (
                    <td key={run.id} class="number">
                      <b>{percent(evaluation.perClass[at]!.f1, 1)}</b>
                      {column > 0 && (
                        <>
                          <i
                            class={`diverging ${verdict('f1', by)}`}
                            style={{ '--by': String(by / widest) }}
                          />
                          <Difference name="f1" value={by} base={0} />
                        </>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Parameters({ runs }: { runs: readonly RunDetail[] }) {
  const only = param('params', 'different') === 'different';
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.parameters)))];
  const differs = (name: string) => new Set(runs.map((run) => show(run.parameters[name]))).size > 1;
  const shown = only ? names.filter(differs) : names;
  return (
    <section aria-labelledby="parameters">
      <header>
        <h2 id="parameters">Parameters</h2>
        <Choice
          name="params"
          label="Which parameters"
          fallback="different"
          options={[
            ['different', 'only differences'],
            ['all', `all ${names.length}`],
          ]}
        />
      </header>
      {shown.length === 0 ? (
        <p class="quiet">All {names.length} parameters are the same.</p>
      ) : (
        <div class="scroll">
          <table class="versus">
            <thead>
              <tr>
                <th>parameter</th>
                {runs.map((run) => (
                  <th key={run.id}>
                    <RunLink run={run} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((name) => (
                <tr key={name} class={differs(name) ? 'differs' : ''}>
                  <th scope="row">{name}</th>
                  {runs.map((run) => (
                    <td key={run.id}>{show(run.parameters[name])}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** Two or more runs side by side; the first is what the others are measured against. */
export function CompareView() {
  const ids = [
    ...new Set(
      param('runs', '')
        .split(',')
        .map(Number)
        .filter((id) => Number.isInteger(id) && id > 0),
    ),
  ];
  const split = param('split', 'test');
  const version = listVersion.value;
  const [loaded, setLoaded] = useState<readonly (Compared | string)[] | null>(null);
  const wanted = ids.join();
  useEffect(() => {
    let current = true;
    void Promise.all(ids.map((id) => load(id, split))).then((all) => current && setLoaded(all));
    return () => {
      current = false;
    };
  }, [wanted, split, version]);
  if (ids.length < 2)
    return (
      <p class="notice">
        A comparison needs two runs. <a href="/">Tick them in the list.</a>
      </p>
    );
  if (loaded === null) return <p class="quiet">Reading the runs…</p>;
  const compared = loaded.filter((one) => typeof one !== 'string');
  const judged = compared.filter((one): one is Judged => one.evaluation !== undefined);
  const runs = compared.map(({ run }) => run);
  document.title = 'Compare · Atelier';
  const sameData = new Set(judged.map(({ evaluation }) => evaluation.dataset.digest)).size === 1;
  return (
    <article>
      <header class="title">
        <h1>Compare</h1>
        <Choice
          name="split"
          label="Split"
          fallback="test"
          options={[
            ['test', 'test'],
            ['val', 'validation'],
          ]}
        />
      </header>
      {loaded
        .filter((one) => typeof one === 'string')
        .map((message) => (
          <p key={message} class="notice">
            {message}
          </p>
        ))}
      {runs.length > 0 && <Metrics runs={runs} />}
      <CurveBoard runs={runs} version={version} />
      {judged.length >= 2 && sameData && (
        <>
          <MatrixComparison judged={judged} />
        </>
      )}
      {judged.length >= 2 && !sameData && (
        <p class="notice">
          These runs were evaluated on different data or splits; their matrices do not compare.
        </p>
      )}
      {judged.length < 2 && (
        <p class="quiet">
          Matrices appear when at least two of these runs are evaluated on the {split} split.
        </p>
      )}
      {runs.length > 0 && (
        <div class="pair">
          {judged.length >= 2 && sameData && <ClassDifferences judged={judged} />}
          <Parameters runs={runs} />
        </div>
      )}
    </article>
  );
}
