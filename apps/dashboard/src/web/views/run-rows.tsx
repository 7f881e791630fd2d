import { useEffect, useRef, useState } from 'preact/hooks';
import type { TableRow } from '../../api/runs.ts';
import { runColour } from '../colour.ts';
import { Sparkline } from '../parts/sparkline.tsx';
import { useRows, useSparklines } from '../state/run-table.ts';
import { setParams } from '../state/url.ts';
import { columnOf, fieldsOf, type Column } from './run-columns.tsx';

/** Pixels; also in runs.css. */
const ROW = 34;
/** Rows beyond what is seen, so that scrolling meets rows that are there. */
const SPARE = 12;

/** First and last row in sight of a scrolling box. */
function useWindow(count: number) {
  const box = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState({ first: 0, last: 40 });
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const look = (): void => {
      const first = Math.max(0, Math.floor(element.scrollTop / ROW) - SPARE);
      const last = Math.ceil((element.scrollTop + element.clientHeight) / ROW) + SPARE;
      setRange((old) => (old.first === first && old.last === last ? old : { first, last }));
    };
    look();
    element.addEventListener('scroll', look, { passive: true });
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    return () => {
      element.removeEventListener('scroll', look);
      sizes.disconnect();
    };
  }, []);
  return { box, first: Math.min(range.first, Math.max(0, count - 1)), last: Math.min(range.last, count) };
}

function Heading({ column, sort }: { column: Column; sort: string }) {
  const isSorted = sort.replace(/^-/, '') === column.key;
  const rising = sort.startsWith('-');
  // numbers and times begin with the greatest, words with A
  const startsRising = column.number !== true && column.key !== 'created';
  const next = isSorted
    ? rising
      ? column.key
      : `-${column.key}`
    : startsRising
      ? `-${column.key}`
      : column.key;
  return (
    <th
      scope="col"
      data-column={column.key}
      class={column.number === true ? 'number' : ''}
      aria-sort={isSorted ? (rising ? 'ascending' : 'descending') : 'none'}
      style={{ width: `${column.width}ch` }}
    >
      <button type="button" onClick={() => setParams({ sort: next })}>
        {column.title}
        <span aria-hidden="true">{isSorted ? (rising ? ' ↑' : ' ↓') : ''}</span>
      </button>
    </th>
  );
}

interface RowProps {
  readonly at: number;
  readonly id: number;
  readonly run: TableRow | undefined;
  readonly columns: readonly Column[];
  readonly isTicked: boolean;
  readonly toggle: (id: number) => void;
  readonly curve: readonly (number | null)[];
}

function Row({ at, id, run, columns, isTicked, toggle, curve }: RowProps) {
  return (
    <tr class={isTicked ? 'ticked' : ''} aria-rowindex={at + 2} data-run={id}>
      <td class="tick">
        <input
          type="checkbox"
          checked={isTicked}
          aria-label={`Select ${run?.name ?? `run ${id}`}`}
          onChange={() => toggle(id)}
        />
      </td>
      <td class="curve">
        <Sparkline values={curve} colour={runColour(id)} />
      </td>
      {columns.map((column) => (
        <td key={column.key} data-column={column.key} class={column.number === true ? 'number' : ''}>
          {run === undefined ? <span class="faint">…</span> : column.show(run)}
        </td>
      ))}
    </tr>
  );
}

interface RunRowsProps {
  readonly ids: readonly number[];
  readonly columns: readonly string[];
  readonly sort: string;
  readonly ticked: ReadonlySet<number>;
  readonly toggle: (id: number) => void;
  readonly curve: string;
}

/** The table. However many runs there are, only those in sight are in the page. */
export function RunRows({ ids, columns, sort, ticked, toggle, curve }: RunRowsProps) {
  const { box, first, last } = useWindow(ids.length);
  const shown = ids.slice(first, last);
  const rows = useRows(shown, fieldsOf(columns));
  const running = shown.filter((id) => rows.get(id)?.status === 'RUNNING');
  const curveOf = useSparklines(shown, curve, running);
  const all = columns.map(columnOf);
  return (
    <div class="run-rows scroll" ref={box} tabIndex={0} role="region" aria-label="Runs">
      <table class="runs" aria-rowcount={ids.length + 1}>
        <thead>
          <tr>
            <th class="tick">
              <span class="hidden">select</span>
            </th>
            <th class="curve" title={curve}>
              curve
            </th>
            {all.map((column) => (
              <Heading key={column.key} column={column} sort={sort} />
            ))}
          </tr>
        </thead>
        <tbody>
          <tr class="space" aria-hidden="true" style={{ height: `${first * ROW}px` }} />
          {shown.map((id, at) => (
            <Row
              key={id}
              at={first + at}
              id={id}
              run={rows.get(id)}
              columns={all}
              isTicked={ticked.has(id)}
              toggle={toggle}
              curve={curveOf(id)}
            />
          ))}
          <tr class="space" aria-hidden="true" style={{ height: `${(ids.length - last) * ROW}px` }} />
        </tbody>
      </table>
    </div>
  );
}
