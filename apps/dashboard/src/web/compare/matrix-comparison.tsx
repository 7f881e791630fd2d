import { useState } from 'preact/hooks';
import { percent } from '../shell/format.ts';
import { param } from '../shell/url.ts';
import { OrderChoice, UnitChoice } from '../shell/choice.tsx';
import { orderOf } from '../run/matrix-order.ts';
import { Matrix, scaleOf, valuesOf, type Cell, type Unit } from '../run/matrix.tsx';
import { RunLink, Swatch } from '../shell/run-name.tsx';

/** A run with its confusion matrix, `counts[true][predicted]`. */
export interface Judged {
  readonly run: { readonly id: number; readonly name: string };
  readonly counts: readonly (readonly number[])[];
}

interface MatrixComparisonProps {
  readonly classNames: readonly string[];
  /** The first is what the others are measured against. */
  readonly judged: readonly Judged[];
  readonly marked?: Cell | null;
  readonly onPick?: (cell: Cell) => void;
}

const minus = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] =>
  a.map((row, t) => row.map((value, p) => value - (b[t]?.[p] ?? 0)));

const add = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] =>
  a.map((row, t) => row.map((value, p) => value + (b[t]?.[p] ?? 0)));

interface HoverProps extends Pick<MatrixComparisonProps, 'classNames' | 'judged'> {
  readonly cell: Cell | null;
  readonly unit: Unit;
}

function HoverLine({ cell, judged, classNames, unit }: HoverProps) {
  if (cell === null) {
    return (
      <p class="muted hover-line">Point at a cell to read it in all matrices; pick it to see its images.</p>
    );
  }
  return (
    <p class="hover-line">
      {classNames[cell.true]} → {classNames[cell.predicted]}:{' '}
      {judged.map(({ run, counts }) => {
        const value = valuesOf({ counts }, unit)[cell.true]?.[cell.predicted] ?? 0;
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

/** Matrices of one split on one scale, and how each differs from the first; hover and choice are linked. */
export function MatrixComparison({ classNames, judged, marked, onPick }: MatrixComparisonProps) {
  const [hovered, setHovered] = useState<Cell | null>(null);
  const unit = param('unit', 'count') as Unit;
  const values = judged.map((one) => valuesOf(one, unit));
  const scale = scaleOf(values);
  const base = judged[0]!;
  const order = orderOf(param('sort', 'class'), judged.map(({ counts }) => [...counts]).reduce(add));
  const shared = {
    classNames,
    unit,
    order,
    hovered,
    onHover: setHovered,
    marked: marked ?? null,
    ...(onPick && { onPick }),
  };
  return (
    <section aria-labelledby="matrices">
      <header>
        <h2 id="matrices">Confusion matrices</h2>
        <UnitChoice />
        <OrderChoice />
      </header>
      <HoverLine cell={hovered} judged={judged} classNames={classNames} unit={unit} />
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
