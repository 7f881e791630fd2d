import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RunRows, Sparklines, TableRow } from '../../api/runs.ts';
import { sparklinePath } from '../parts/sparkline.tsx';
import { ask } from './api.ts';
import { listVersion, stampOf } from './live.ts';

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

/** Rows by id, for as long as the columns are the same. Asks for those of `ids` that are missing or old. */
export function useRows(ids: readonly number[], columns: readonly string[]): ReadonlyMap<number, TableRow> {
  const [, redraw] = useState(0);
  const cache = useRef({ columns: '', rows: new Map<number, TableRow>(), asked: new Map<number, number>() });
  const named = JSON.stringify(columns);
  if (cache.current.columns !== named) cache.current = { columns: named, rows: new Map(), asked: new Map() };
  const version = listVersion.value;
  useLayoutEffect(() => {
    const held = cache.current;
    const isFresh = (id: number): boolean => (held.asked.get(id) ?? -1) >= stampOf(id);
    const missing = ids.filter((id) => !isFresh(id)).slice(0, MOST_AT_ONCE);
    if (missing.length === 0) return;
    for (const id of missing) held.asked.set(id, version);
    const query = new URLSearchParams({ ids: missing.join(), columns: named });
    void ask<RunRows>(`/api/runs/rows?${query}`).then(({ data, problem }) => {
      if (problem) for (const id of missing) held.asked.delete(id);
      for (const row of data?.runs ?? []) held.rows.set(row.id, row);
      redraw((count) => count + 1);
    });
  }, [ids, named, version]);
  return cache.current.rows;
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
