import './compare.css';
import { useMemo } from 'preact/hooks';
import type { Comparison, RunSet } from '../../api/compare.ts';
import { Choice } from '../shell/choice.tsx';
import { CurveBoard } from '../charts/curve-board.tsx';
import { MatrixComparison } from './matrix-comparison.tsx';
import type { Cell } from '../run/matrix.tsx';
import { pickedCell } from '../run/picked-cell.ts';
import { minusBaseline, withBands } from '../charts/families.ts';
import type { PlotLine } from '../charts/scene.ts';
import { useAnswer } from '../shell/api.ts';
import { listVersion } from '../shell/live.ts';
import { param, setParams } from '../shell/url.ts';
import { ClassesPart } from './classes.tsx';
import { FlowPart } from './flow.tsx';
import { ReportPart } from './report-links.tsx';
import { ParametersPart, RunsPart } from './run-columns.tsx';
import { StacksPart } from './stacks.tsx';
import { VerdictPart } from './verdict.tsx';

function idsFromAddress(): number[] {
  const ids = param('runs', '')
    .split(',')
    .map(Number)
    .filter((id) => Number.isInteger(id) && id > 0);
  return [...new Set(ids)];
}

function pick(cell: Cell | null, { true: t, predicted: p }: Cell): void {
  const again = cell?.true === t && cell.predicted === p;
  setParams({ cell: again ? null : `${t}-${p}`, stack: null, from: null });
}

/** What two ledgers say: only where both runs were evaluated on the split. */
function PairPart({ a, b, split, version }: { a: number; b: number; split: string; version: number }) {
  const { data, problem } = useAnswer<Comparison>(`/api/compare?a=${a}&b=${b}&split=${split}`, version);
  if (problem) return <p class="notice">{problem.message}</p>;
  if (data === undefined) return <p class="quiet">Comparing sample by sample…</p>;
  const { cell, mistake } = pickedCell(data.dataset.classNames);
  const judged = [data.a, data.b].map(({ runId, runName, matrix }) => ({
    run: { id: runId, name: runName },
    counts: matrix,
  }));
  return (
    <>
      <VerdictPart comparison={data} />
      {mistake && <p class="notice">{mistake}</p>}
      <MatrixComparison
        classNames={data.dataset.classNames}
        judged={judged}
        marked={cell}
        onPick={(picked) => pick(cell, picked)}
      />
      <StacksPart comparison={data} cell={cell} />
      <div class="pair">
        <ClassesPart comparison={data} />
        <FlowPart comparison={data} />
      </div>
    </>
  );
}

/** Curves over each other: as they are or minus the baseline's, seeds one by one or as bands. */
function CurvesPart({ set, version }: { set: RunSet; version: number }) {
  const bands = param('bands') === '1';
  const minus = param('curve') === 'difference';
  const seeds = set.parameters.find(({ name }) => name === 'seed')?.values;
  const known = set.runs.map(({ id, family }, at) => `${id} ${family} ${seeds?.[at]}`).join();
  const seeded = useMemo(
    () => new Map(set.runs.map(({ id, family }, at) => [id, { family, seed: seeds?.[at] }])),
    [known],
  );
  const derive = useMemo(() => {
    if (!bands && !minus) return undefined;
    return (lines: readonly PlotLine[]) => {
      const from = minus ? minusBaseline(lines, [...seeded.keys()][0]!) : lines;
      return bands ? withBands(from, (run) => seeded.get(run)) : from;
    };
  }, [bands, minus, seeded]);
  return (
    <CurveBoard runs={set.runs} version={version} {...(derive && { derive })}>
      <Choice
        name="bands"
        label="Runs that differ only in seeds"
        fallback="0"
        options={[
          ['0', 'each run'],
          ['1', 'seed bands'],
        ]}
      />
      <Choice
        name="curve"
        label="What the lines say"
        fallback="value"
        options={[
          ['value', 'values'],
          ['difference', 'minus baseline'],
        ]}
      />
    </CurveBoard>
  );
}

function Compared({ set, version }: { set: RunSet; version: number }) {
  const split = param('split', 'test');
  const base = set.runs[0]!;
  const asked = Number(param('b', '0'));
  const other = set.runs.slice(1).find(({ id }) => id === asked) ?? set.runs[1];
  return (
    <article>
      <header class="title">
        <h1>Compare {set.runs.length > 2 && `${set.runs.length} runs`}</h1>
        <Choice
          name="split"
          label="Split"
          fallback="test"
          clears={['cell', 'stack', 'from']}
          options={[
            ['test', 'test'],
            ['val', 'validation'],
          ]}
        />
        {other && <ReportPart a={base.id} b={other.id} split={split} />}
      </header>
      {set.missing.length > 0 && (
        <p class="notice">
          {set.missing.length === 1 ? 'There is no run' : 'There are no runs'} {set.missing.join(', ')} (any
          more).
        </p>
      )}
      <RunsPart set={set} b={other?.id ?? null} />
      <CurvesPart set={set} version={version} />
      {other && <PairPart a={base.id} b={other.id} split={split} version={version} />}
      <ParametersPart set={set} />
    </article>
  );
}

/** Two or more runs side by side; the first is what the others are measured against. */
export function CompareView() {
  const ids = idsFromAddress();
  const version = listVersion.value;
  const path = ids.length < 2 ? null : `/api/compare/runs?runs=${ids.join()}`;
  const { data, problem } = useAnswer<RunSet>(path, version);
  document.title = 'Compare · Atelier';
  if (ids.length < 2)
    return (
      <p class="notice">
        A comparison needs two runs. <a href="/">Tick them in the list.</a>
      </p>
    );
  if (problem) return <p class="notice">{problem.message}</p>;
  if (data === undefined) return <p class="quiet">Reading the runs…</p>;
  if (data.runs.length === 0)
    return (
      <p class="notice">
        None of the runs {ids.join(', ')} is there (any more). <a href="/">All runs</a>
      </p>
    );
  return <Compared set={data} version={version} />;
}
