import { Component } from 'preact';
import type { TableRow } from '../../api/runs.ts';
import { runColour } from '../shell/colour.ts';
import { Sparkline } from './sparkline.tsx';
import { cellStyle, type Column } from './run-columns.tsx';

/** Pixels; also in runs.css. */
export const ROW = 34;

interface RowProps {
  readonly at: number;
  readonly id: number;
  readonly run: TableRow | undefined;
  readonly columns: readonly Column[];
  readonly isTicked: boolean;
  readonly toggle: (id: number) => void;
  /** Path of the sparkline; undefined: there is none. */
  readonly curve: string | undefined;
}

/** One row of the table. A class, because it is asked in every frame of a scroll and mostly shows what it showed. */
export class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const now = this.props;
    return (Object.keys(next) as (keyof RowProps)[]).some((name) => next[name] !== now[name]);
  }

  override render({ at, id, run, columns, isTicked, toggle, curve }: RowProps) {
    return (
      <tr
        role="row"
        class={isTicked ? 'ticked' : ''}
        aria-rowindex={at + 2}
        data-run={id}
        style={{ transform: `translateY(${at * ROW}px)` }}
      >
        <td role="cell" class="tick">
          <input
            type="checkbox"
            checked={isTicked}
            aria-label={`Select ${run?.name ?? `run ${id}`}`}
            onChange={() => toggle(id)}
          />
        </td>
        <td role="cell" class="curve">
          <Sparkline path={curve} colour={runColour(id)} />
        </td>
        {columns.map((column) => (
          <td
            key={column.key}
            role="cell"
            data-column={column.key}
            class={column.number === true ? 'number' : ''}
            style={cellStyle(column)}
          >
            {run === undefined ? <span class="faint">…</span> : column.show(run)}
          </td>
        ))}
      </tr>
    );
  }
}
