import { useState } from 'preact/hooks';
import type { Evaluation, RunDetail } from '../../api/schema.ts';
import { percent } from '../format.ts';
import { param } from '../state/url.ts';
import { UnitChoice } from './choice.tsx';
import { Matrix, scaleOf, valuesOf, type Cell, type Unit } from './matrix.tsx';
import { RunLink, Swatch } from './run-name.tsx';

/** A run beside its evaluation on the split that is looked at. */
export interface Compared {
  readonly run: RunDetail;
  readonly evaluation: Evaluation | undefined;
}

const minus = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] =>
  a.map((row, t) => row.map((value, p) => value - (b[t]?.[p] ?? 0)));

function HoverLine({ cell, judged, unit }: { cell: Cell | null; judged: readonly Judged[]; unit: Unit }) {
  const names = judged[0]!.evaluation.classNames;
  if (cell === null) return <p class="muted hover-line">Point at a cell to read it in all matrices.</p>;
  return (
    <p class="hover-line">
      {names[cell.true]} → {names[cell.predicted]}:{' '}
      {judged.map(({ run, evaluation }) => {
        const value = valuesOf(evaluation, unit)[cell.true]?.[cell.predicted] ?? 0;
        return (
          <span key={run.id}>
            <Swatch id={run.id} />
            <b>{unit === 'count' ? value : percent(value, 1)}</b>{' '}
          </span>
        );
      })}
    </p>
  );
}

/** One whose predictions of the split are known. */
export interface Judged extends Compared {
  readonly evaluation: Evaluation;
}

/** Matrices of one split on one scale, and how each differs from the first. */
export function MatrixComparison({ judged }: { judged: readonly Judged[] }) {
  const [hovered, setHovered] = useState<Cell | null>(null);
  const unit = param('unit', 'count') as Unit;
  const values = judged.map(({ evaluation }) => valuesOf(evaluation, unit));
  const scale = scaleOf(values);
  const base = judged[0]!;
  const shared = { classNames: base.evaluation.classNames, unit, hovered, onHover: setHovered };
  return (
    <section aria-labelledby="matrices">
      <header>
        <h2 id="matrices">Confusion matrices</h2>
        <UnitChoice />
      </header>
      <HoverLine cell={hovered} judged={judged} unit={unit} />
      <div class="matrices">
        {judged.map(({ run }, at) => (
          <div key={run.id} class="scroll">
            <h3>
              <RunLink run={run} />
            </h3>
            <Matrix {...shared} caption={run.name} values={values[at]!} scale={scale} />
          </div>
        ))}
        {judged.slice(1).map(({ run }, at) => {
          const change = minus(values[at + 1]!, values[0]!);
          return (
            <div key={`difference ${run.id}`} class="scroll difference">
              <h3>
                <Swatch id={run.id} />
                {run.name} − <Swatch id={base.run.id} />
                {base.run.name}
              </h3>
              <Matrix
                {...shared}
                signed
                caption={`${run.name} minus ${base.run.name}`}
                values={change}
                scale={scaleOf([change])}
              />
              <p class="key">
                <i class="better" /> {run.name} better <i class="worse" /> worse
              </p>
            </div>
          );
        })}
      </div>
    </section>
  );
}
