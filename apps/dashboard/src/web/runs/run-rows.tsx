import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { RowPool } from './row-pool.ts';
import { useRows, useSparklines, useStretch, type RowStore, type Span } from './row-store.ts';
import { columnOf } from './run-columns.tsx';
import { Heading } from './run-heading.tsx';
import { Row, ROW } from './run-row.tsx';

/** Rows beyond what is seen, so that scrolling meets rows that are there. */
const SPARE = 10;
/** After this long without scrolling the elements are put into the order of the list. */
const REST_MS = 150;

/** Pixels of the page that are not rows; also in runs.css. Only the first guess depends on it. */
const AROUND = 210;

/** The places of the rows in sight of a scrolling box and around it; always equally many, so that none is made anew. */
function useWindow(count: number) {
  const box = useRef<HTMLDivElement>(null);
  // at first only what will be seen: the rows around it can wait
  const [seen, see] = useState(() => ({ first: 0, rows: Math.ceil((innerHeight - AROUND) / ROW) + 1 }));
  useEffect(() => {
    const element = box.current!;
    let inSight = seen.rows;
    let spare = 0;
    // the height comes from the observer: asking for it would lay the page out within the scroll
    const look = (): void => {
      const first = Math.floor(element.scrollTop / ROW) - spare;
      const rows = inSight + 2 * spare;
      see((old) => (old.first === first && old.rows === rows ? old : { first, rows }));
    };
    const sizes = new ResizeObserver(([entry]) => {
      inSight = Math.ceil(entry!.contentRect.height / ROW) + 1;
      look();
    });
    sizes.observe(element);
    const timer = setTimeout(() => {
      spare = SPARE;
      look();
    }, REST_MS);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      clearTimeout(timer);
      element.removeEventListener('scroll', look);
      sizes.disconnect();
    };
  }, []);
  const first = Math.max(0, Math.min(seen.first, count - seen.rows));
  return { box, first, last: Math.min(first + seen.rows, count) };
}

/** The row that holds the focus: it stays although it is scrolled away, or the keyboard would act on another run. */
function focusedRow(ids: readonly number[]): { id: number; at: number } | undefined {
  const row = document.activeElement?.closest<HTMLElement>('.run-rows tr[data-run]');
  const id = Number(row?.dataset['run']);
  const at = row ? ids.indexOf(id) : -1;
  return at === -1 ? undefined : { id, at };
}

/** The elements of the rows from `first` on. They are put in order when the scrolling rests. */
function usePool(ids: readonly number[], { first, last }: Span) {
  const [, redraw] = useState(0);
  const pool = useRef<RowPool | null>(null);
  pool.current ??= new RowPool();
  pool.current.assign(ids.slice(first, last), first, focusedRow(ids));
  const focused = useRef<Element | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (!pool.current!.settle()) return;
      focused.current = document.activeElement;
      redraw((count) => count + 1);
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [ids, first, last]);
  useLayoutEffect(() => {
    // an element that is moved loses the focus
    const element = focused.current;
    focused.current = null;
    if (element instanceof HTMLElement && element.isConnected && element !== document.activeElement)
      element.focus({ preventScroll: true });
  });
  return pool.current.rows;
}

interface RunRowsProps {
  readonly ids: readonly number[];
  readonly store: RowStore;
  readonly columns: readonly string[];
  readonly sort: string;
  readonly ticked: ReadonlySet<number>;
  /** The same function always: rows that show the same are not drawn again. */
  readonly toggle: (id: number) => void;
  readonly curve: string;
}

/** The table. However many runs there are, only those in sight are in the page. */
export function RunRows({ ids, store, columns, sort, ticked, toggle, curve }: RunRowsProps) {
  const { box, first, last } = useWindow(ids.length);
  const pooled = usePool(ids, { first, last });
  const stretch = useStretch(ids, { first, last });
  const named = columns.join('\n');
  const all = useMemo(() => columns.map(columnOf), [named]);
  store.shown = { first, last };
  const rows = useRows(store, stretch);
  const running = ids.slice(first, last).filter((id) => rows.get(id)?.status === 'RUNNING');
  const curveOf = useSparklines(stretch, curve, running);
  return (
    <div class="run-rows scroll" ref={box} tabIndex={0} role="region" aria-label="Runs">
      <table class="runs" role="table" aria-label="Runs" aria-rowcount={ids.length + 1}>
        <thead role="rowgroup">
          <tr role="row" aria-rowindex={1}>
            <th role="columnheader" class="tick">
              <span class="hidden">select</span>
            </th>
            <th role="columnheader" class="curve" title={curve}>
              curve
            </th>
            {all.map((column) => (
              <Heading key={column.key} column={column} sort={sort} />
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" style={{ height: `${ids.length * ROW}px` }}>
          {pooled.map(({ slot, id, at }) => (
            <Row
              key={slot}
              at={at}
              id={id}
              run={rows.get(id)}
              columns={all}
              isTicked={ticked.has(id)}
              toggle={toggle}
              curve={curveOf(id)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
