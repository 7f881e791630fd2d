import { tint } from '../shell/colour.ts';
import { percent } from '../shell/format.ts';

export interface Cell {
  readonly true: number;
  readonly predicted: number;
}

export type Unit = 'count' | 'share' | 'column';

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
  /** Classes in the order they are shown; absent: as they are. */
  readonly order?: readonly number[];
}

const sumOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Counts, or each as the share of its true class (row) or of its prediction (column). */
export function valuesOf(
  { counts }: { readonly counts: readonly (readonly number[])[] },
  unit: Unit,
): number[][] {
  if (unit === 'count') return counts.map((row) => [...row]);
  const columns = counts.map((_, p) => sumOf(counts.map((row) => row[p] ?? 0)));
  return counts.map((row) => {
    const sum = sumOf(row);
    return row.map((count, p) => count / ((unit === 'share' ? sum : columns[p]) || 1));
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
      (value / (diagonal ? scale.right : scale.wrong || 1)) * (diagonal ? 0.35 : 0.5),
    );
  const better = diagonal ? value > 0 : value < 0;
  return tint(
    better ? 'better' : 'worse',
    (Math.abs(value) / (Math.max(scale.right, scale.wrong) || 1)) * 0.5,
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
  const order = props.order ?? classNames.map((_, at) => at);
  return (
    <table class="matrix" onMouseLeave={() => props.onHover?.(null)}>
      <caption>{props.caption}</caption>
      <thead>
        <tr>
          <th scope="col" class="corner">
            true ↓<br />
            predicted →
          </th>
          {order.map((p) => (
            <th key={p} scope="col" class={hovered?.predicted === p ? 'hovered' : ''}>
              <span>{classNames[p]}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {order.map((t) => (
          <tr key={t}>
            <th scope="row" class={hovered?.true === t ? 'hovered' : ''}>
              {classNames[t]}
            </th>
            {order.map((p) => (
              <MatrixCell
                key={p}
                cell={{ true: t, predicted: p }}
                value={props.values[t]?.[p] ?? 0}
                props={props}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
