import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RunRows, Sparklines, TableRow } from '../../api/runs.ts';
import { sparklinePath } from './sparkline.tsx';
import { ask } from '../shell/api.ts';
import { listVersion, stampOf } from '../shell/live.ts';

/** Rows asked for together, once the rows in sight are there. */
const BLOCK = 100;
/** Rows beyond those shown that are asked for before they are needed. */
const AHEAD = 60;
/** The server takes 500. */
const MOST_AT_ONCE = 400;
const SETTLE_MS = 150;

/** Places of the list, the end not included. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** The ids worth asking for: of a new list only what is shown, then whole blocks around it, so that few requests do. */
export function useStretch(ids: readonly number[], { first, last }: Span): readonly number[] {
  const [known, setKnown] = useState<readonly number[]>();
  useEffect(() => {
    const timer = setTimeout(() => setKnown(ids), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [ids]);
  const isNew = known !== ids;
  const from = isNew ? first : Math.max(0, Math.floor((first - AHEAD) / BLOCK) * BLOCK);
  const to = isNew ? last : Math.ceil((last + AHEAD) / BLOCK) * BLOCK;
  const held = useRef<
    { ids: readonly number[]; from: number; to: number; part: readonly number[] } | undefined
  >(undefined);
  const old = held.current;
  if (old === undefined || old.ids !== ids || old.from !== from || old.to !== to)
    held.current = { ids, from, to, part: ids.slice(from, to) };
  return held.current!.part;
}

/** Rows by id, with these columns. */
export class RowStore {
  readonly rows = new Map<number, TableRow>();
  /** The part of the list that the table shows. */
  shown: Span = { first: 0, last: 40 };
  private readonly columns: string;
  private readonly asked = new Map<number, number>();

  constructor(columns: readonly string[]) {
    this.columns = JSON.stringify(columns);
  }

  /** Asks for the rows that are missing or old. False: none was. */
  async load(ids: readonly number[]): Promise<boolean> {
    const missing = ids.filter((id) => (this.asked.get(id) ?? -1) < stampOf(id)).slice(0, MOST_AT_ONCE);
    if (missing.length === 0) return false;
    for (const id of missing) this.asked.set(id, listVersion.peek());
    const query = new URLSearchParams({ ids: missing.join(), columns: this.columns, unknown: 'omit' });
    const { data, problem } = await ask<RunRows>(`/api/runs/rows?${query}`);
    if (problem) for (const id of missing) this.asked.delete(id);
    for (const row of data?.runs ?? []) this.rows.set(row.id, row);
    return true;
  }

  /** The rows at the places that are shown, before a new order is. */
  async prepare(order: readonly number[]): Promise<void> {
    await this.load(order.slice(this.shown.first, this.shown.last));
  }
}

/** The rows of a store; it is asked for those of `ids`, and again when they change. */
export function useRows(store: RowStore, ids: readonly number[]): ReadonlyMap<number, TableRow> {
  const [, redraw] = useState(0);
  const version = listVersion.value;
  useLayoutEffect(() => {
    void store.load(ids).then((isNew) => {
      if (isNew) redraw((count) => count + 1);
    });
  }, [store, ids, version]);
  return store.rows;
}

const sparks = new Map<string, string | undefined>();

/** Sparklines of these runs as paths; those of runs that no longer run are read once. */
export function useSparklines(
  ids: readonly number[],
  key: string,
  running: readonly number[],
): (id: number) => string | undefined {
  const [, redraw] = useState(0);
  const version = listVersion.value;
  useLayoutEffect(() => {
    const missing = ids
      .filter((id) => !sparks.has(`${key} ${id}`) || running.includes(id))
      .slice(0, MOST_AT_ONCE);
    if (missing.length === 0) return;
    const query = new URLSearchParams({ ids: missing.join(), key });
    void ask<Sparklines>(`/api/runs/sparklines?${query}`).then(({ data }) => {
      if (data === undefined) return;
      for (const id of missing) sparks.set(`${key} ${id}`, sparklinePath(data.curves[id] ?? []));
      redraw((count) => count + 1);
    });
  }, [ids, key, version]);
  return (id) => sparks.get(`${key} ${id}`);
}
