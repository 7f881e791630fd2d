import type { Evaluation } from '../../api/schema.ts';
import { tint } from '../colour.ts';
import { percent } from '../format.ts';

export interface Cell {
  readonly true: number;
  readonly predicted: number;
}

export type Unit = 'count' | 'share';

interface MatrixProps {
  readonly caption: string;
  readonly classNames: readonly string[];
  /** Cell values `[true][predicted]`: counts, shares of the row, or differences of either. */
  readonly values: readonly (readonly number[])[];
  readonly unit: Unit;
  /** The value with the full colour, for right and for wrong answers. */
  readonly scale: { readonly right: number; readonly wrong: number };
  /** Differences: good and bad instead of right and wrong. */
  readonly signed?: boolean;
  readonly marked?: Cell | null;
  readonly hovered?: Cell | null;
  readonly onHover?: (cell: Cell | null) => void;
  readonly onPick?: (cell: Cell) => void;
}

/** Counts, or each as the share of its true class. */
export function valuesOf({ counts }: Pick<Evaluation, 'counts'>, unit: Unit): number[][] {
  return counts.map((row) => {
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((count) => (unit === 'count' ? count : sum === 0 ? 0 : count / sum));
  });
}

/** The largest value on the diagonal and off it, over several matrices: one scale for all of them. */
export function scaleOf(matrices: readonly (readonly (readonly number[])[])[]): {
  right: number;
  wrong: number;
} {
  let right = 0;
  let wrong = 0;
  for (const matrix of matrices) {
    matrix.forEach((row, t) =>
      row.forEach((value, p) => {
        if (t === p) right = Math.max(right, Math.abs(value));
        else wrong = Math.max(wrong, Math.abs(value));
      }),
    );
  }
  return { right, wrong };
}

function text(value: number, { unit, signed }: MatrixProps): string {
  if (value === 0) return '';
  const sign = signed ? (value > 0 ? '+' : '−') : '';
  const size = Math.abs(value);
  return sign + (unit === 'count' ? String(size) : (size * 100).toFixed(size < 0.0995 ? 1 : 0));
}

function background(value: number, diagonal: boolean, { signed, scale }: MatrixProps): string {
  if (!signed)
    return tint(
      diagonal ? 'right' : 'wrong',
      (value / (diagonal ? scale.right : scale.wrong || 1)) * (diagonal ? 0.35 : 0.8),
    );
  const better = diagonal ? value > 0 : value < 0;
  return tint(
    better ? 'better' : 'worse',
    (Math.abs(value) / (Math.max(scale.right, scale.wrong) || 1)) * 0.8,
  );
}

function spoken(value: number, { unit, classNames }: MatrixProps, cell: Cell): string {
  const amount = unit === 'count' ? String(value) : percent(value, 1);
  return `${amount} of ${classNames[cell.true]} predicted as ${classNames[cell.predicted]}`;
}

function MatrixCell({ cell, value, props }: { cell: Cell; value: number; props: MatrixProps }) {
  const is = (other: Cell | null | undefined) =>
    other?.true === cell.true && other.predicted === cell.predicted;
  const label = spoken(value, props, cell);
  const style = { backgroundColor: background(value, cell.true === cell.predicted, props) };
  const hover = { onMouseEnter: () => props.onHover?.(cell), onFocus: () => props.onHover?.(cell) };
  const shown = text(value, props);
  const classes = `${is(props.hovered) ? 'hovered' : ''} ${is(props.marked) ? 'marked' : ''}`.trim();
  return (
    <td class={classes} style={style} title={label} {...hover}>
      {props.onPick === undefined ? (
        shown
      ) : (
        <button
          type="button"
          aria-label={label}
          aria-pressed={is(props.marked)}
          onClick={() => props.onPick?.(cell)}
        >
          {shown}
        </button>
      )}
    </td>
  );
}

/** A confusion matrix: rows are true classes, columns predictions; right answers in one hue, wrong ones in another. */
export function Matrix(props: MatrixProps) {
  const { classNames, hovered } = props;
  return (
    <table class="matrix" onMouseLeave={() => props.onHover?.(null)}>
      <caption>{props.caption}</caption>
      <thead>
        <tr>
          <th scope="col" class="corner">
            true ↓<br />
            predicted →
          </th>
          {classNames.map((name, p) => (
            <th key={name} scope="col" class={hovered?.predicted === p ? 'hovered' : ''}>
              <span>{name}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.values.map((row, t) => (
          <tr key={classNames[t]}>
            <th scope="row" class={hovered?.true === t ? 'hovered' : ''}>
              {classNames[t]}
            </th>
            {row.map((value, p) => (
              <MatrixCell key={p} cell={{ true: t, predicted: p }} value={value} props={props} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
