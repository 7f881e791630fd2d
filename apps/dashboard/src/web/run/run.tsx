import './run.css';
import { useState } from 'preact/hooks';
import type { Quality } from '../../api/quality.ts';
import type { Evaluation, RunDetail } from '../../api/schema.ts';
import { decimal, duration, percent } from '../shell/format.ts';
import { CalibrationPanel } from './calibration.tsx';
import { Choice, OrderChoice, UnitChoice } from '../shell/choice.tsx';
import { Console } from './console.tsx';
import { CurveBoard } from '../charts/curve-board.tsx';
import { Diff } from './diff.tsx';
import { Facts } from './facts.tsx';
import { Gallery } from './gallery.tsx';
import { orderOf } from './matrix-order.ts';
import { Matrix, scaleOf, valuesOf, type Cell, type Unit } from './matrix.tsx';
import { RankingPanel } from './ranking.tsx';
import { pickedCell, type Picked } from './picked-cell.ts';
import { Report } from './report.tsx';
import { Status, Swatch } from '../shell/run-name.tsx';
import { System } from './system.tsx';
import { change, useAnswer } from '../shell/api.ts';
import { bump, runVersion } from '../shell/live.ts';
import { param, setParams } from '../shell/url.ts';
import type { PageProps } from '../shell/pages.ts';
import { RunNotes, RunTags } from '../runs/run-edit.tsx';

function Headline({ run }: { run: RunDetail }) {
  const { metrics, epochs } = run;
  const figures: [string, string][] = [
    ['test accuracy', percent(metrics['test/accuracy'])],
    ['test macro F1', percent(metrics['test/macroF1'])],
    ['test loss', decimal(metrics['test/loss'])],
    ['val accuracy', percent(metrics['val/accuracy'])],
    ['val loss', decimal(metrics['val/loss'])],
    [
      'images/s',
      metrics['train/imagesPerSecond']
        ? Math.round(metrics['train/imagesPerSecond']).toLocaleString('en')
        : '–',
    ],
    ['epochs', epochs.planned === null ? decimal(epochs.done) : `${epochs.done ?? 0} / ${epochs.planned}`],
    ['time', duration(run.durationMs ?? Date.now() - run.createdAt)],
  ];
  return (
    <dl class="headline">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Judgement({ evaluation, cell }: { evaluation: Evaluation; cell: Cell | null }) {
  const unit = param('unit', 'count') as Unit;
  const values = valuesOf(evaluation, unit);
  const pick = ({ true: t, predicted: p }: Cell) => {
    const again = cell?.true === t && cell.predicted === p;
    setParams({ cell: again ? null : `${t}-${p}`, from: null, sample: null });
  };
  return (
    <div class="pair judged">
      <section aria-labelledby="matrix">
        <header>
          <h2 id="matrix">Confusion matrix</h2>
          <UnitChoice />
          <OrderChoice />
        </header>
        <div class="scroll">
          <Matrix
            caption={`${evaluation.count.toLocaleString('en')} ${evaluation.split} images. Pick a cell to see its images.`}
            classNames={evaluation.classNames}
            values={values}
            unit={unit}
            order={orderOf(param('sort', 'class'), evaluation.counts)}
            scale={scaleOf([values])}
            marked={cell}
            onPick={pick}
          />
        </div>
      </section>
      <section aria-labelledby="report">
        <header>
          <h2 id="report">Classes</h2>
        </header>
        <Report evaluation={evaluation} />
      </section>
    </div>
  );
}

function Believed({
  run,
  version,
  evaluation,
}: {
  run: RunDetail;
  version: number | undefined;
  evaluation: Evaluation;
}) {
  const { data, problem } = useAnswer<Quality>(
    `/api/runs/${run.id}/quality?split=${evaluation.split}`,
    version,
  );
  if (problem) return <p class="notice">{problem.message}</p>;
  if (data === undefined) return <p class="quiet">Judging the probabilities…</p>;
  return (
    <div class="pair">
      <CalibrationPanel calibration={data.calibration} />
      <RankingPanel quality={data} classNames={evaluation.classNames} />
    </div>
  );
}

function Evaluated({ run, version }: { run: RunDetail; version: number | undefined }) {
  const split = param('split', run.evaluated.includes('test') ? 'test' : (run.evaluated[0] ?? 'test'));
  const { data, problem } = useAnswer<Evaluation>(
    run.evaluated.length === 0 ? null : `/api/runs/${run.id}/evaluation?split=${split}`,
    version,
  );
  const { cell, mistake }: Picked = data === undefined ? { cell: null } : pickedCell(data.classNames);
  if (run.evaluated.length === 0) {
    return (
      <p class="quiet">
        {run.status === 'RUNNING'
          ? 'The matrix, the report and the images appear when the run is evaluated.'
          : 'This run was not evaluated.'}
      </p>
    );
  }
  return (
    <>
      <header class="band">
        <h2>Predictions</h2>
        <Choice
          name="split"
          label="Split"
          fallback="test"
          clears={['cell', 'from', 'sample']}
          options={run.evaluated
            .toReversed()
            .map((name) => [name, name === 'val' ? 'validation' : 'test'] as const)}
        />
        {data && (
          <span class="muted">
            {percent(data.accuracy)} of {data.count.toLocaleString('en')} right, loss {decimal(data.loss)},
            checkpoint {data.checkpoint}
          </span>
        )}
      </header>
      {problem && <p class="notice">{problem.message}</p>}
      {mistake && <p class="notice">{mistake}</p>}
      {data && <Judgement evaluation={data} cell={cell} />}
      {data && <Believed run={run} version={version} evaluation={data} />}
      {data && <Gallery key={data.split} run={run.id} version={version} evaluation={data} cell={cell} />}
    </>
  );
}

/** What people say of the run, edited in place. */
function Remarks({ run }: { run: RunDetail }) {
  return (
    <dl class="remarks">
      <div>
        <dt>tags</dt>
        <dd>
          <RunTags run={run} />
        </dd>
      </div>
      <div>
        <dt>notes</dt>
        <dd>
          <RunNotes run={run} />
        </dd>
      </div>
    </dl>
  );
}

function Archived({ id }: { id: number }) {
  const [refused, setRefused] = useState<string>();
  const restore = async (): Promise<void> => {
    setRefused((await change('POST', '/api/runs/restore', { ids: [id] }))?.message);
    bump([id]);
  };
  return (
    <p class="notice">
      This run is archived: lists and comparisons leave it out.{' '}
      <button type="button" class="plain" onClick={() => void restore()}>
        Restore
      </button>
      {refused && <span role="alert"> {refused}</span>}
    </p>
  );
}

/** One run, from its headline to its files. */
function RunView({ id }: { id: number }) {
  const version = runVersion(id).value;
  const { data: run, problem } = useAnswer<RunDetail>(`/api/runs/${id}`, version);
  if (problem)
    return (
      <p class="notice">
        {problem.message} <a href="/">All runs</a>
      </p>
    );
  if (run === undefined) return <p class="quiet">Reading the run…</p>;
  document.title = `${run.name} · Atelier`;
  return (
    <article>
      <header class="title">
        <h1>
          <Swatch id={run.id} />
          {run.name}
        </h1>
        <Status run={run} />
        <span class="muted">
          {run.project} · {run.environment.engine.name}
        </span>
      </header>
      {run.archived && <Archived id={run.id} />}
      {run.error && (
        <p class="notice bad">
          {run.error.message}
          {run.error.step !== null && ` (step ${run.error.step})`}
        </p>
      )}
      <Remarks run={run} />
      <Headline run={run} />
      <CurveBoard runs={[run]} version={version ?? 0} />
      <Evaluated run={run} version={version} />
      <Console run={run} version={version} />
      <System run={run} version={version} />
      <Diff run={run} />
      <Facts run={run} />
    </article>
  );
}

/** `/runs/7` */
export function RunPage({ id }: PageProps) {
  return <RunView id={Number(id)} />;
}
