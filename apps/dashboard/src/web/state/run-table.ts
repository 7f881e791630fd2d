import { useEffect, useRef, useState } from 'preact/hooks';
import type { Problem } from '../../api/schema.ts';
import type { RunOrder, RunRows, Sparklines, TableRow } from '../../api/runs.ts';
import { ask } from './api.ts';
import { listVersion, stampOf } from './live.ts';

const REORDER_MS = 500;
const MOST_AT_ONCE = 200;

/** What people type: the filter language, or plain words that each must be found somewhere. */
export function toFilter(typed: string): string {
  const text = typed.trim();
  if (text === '' || /[=<>~()"'`]|\b(and|or|not|in)\b/i.test(text)) return text;
  const fields = ['name', 'project', 'group', 'engine', 'tag', 'commit'];
  return text
    .split(/\s+/)
    .map((word) => {
      const options = fields.map((field) => `${field} ~ ${JSON.stringify(word)}`);
      if (/^(running|finished|failed|killed|pruned)$/i.test(word))
        options.push(`status = ${word.toUpperCase()}`);
      return `(${options.join(' or ')})`;
    })
    .join(' and ');
}

export interface Order {
  readonly ids?: readonly number[];
  readonly problem?: Problem;
}

/** The ids of a filter in their order; the last good ones stay while a filter is being typed or cannot be understood. */
export function useOrder(filter: string, sort: string, trash: boolean): Order {
  const [order, setOrder] = useState<Order>({});
  const last = useRef({ asked: '', at: 0 });
  const version = listVersion.value;
  useEffect(() => {
    const path = `/api/runs/order?${new URLSearchParams({ filter, sort, trash: trash ? '1' : '0' })}`;
    let wanted = true;
    const load = (): void => {
      last.current = { asked: path, at: performance.now() };
      void ask<RunOrder>(path).then(({ data, problem }) => {
        if (!wanted || problem?.code === 'UNREACHABLE') return;
        setOrder((old) =>
          data ? { ids: data.ids } : { ...(old.ids && { ids: old.ids }), ...(problem && { problem }) },
        );
      });
    };
    // a training writes all the time: its events reorder the table now and then, what people ask for at once
    const wait = last.current.asked === path ? last.current.at + REORDER_MS - performance.now() : 0;
    const timer = wait > 0 ? setTimeout(load, wait) : undefined;
    if (timer === undefined) load();
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [filter, sort, trash, version]);
  return order;
}

/** Rows by id, for as long as the columns are the same. */
export function useRows(ids: readonly number[], columns: readonly string[]): ReadonlyMap<number, TableRow> {
  const [, redraw] = useState(0);
  const cache = useRef({ columns: '', rows: new Map<number, TableRow>(), asked: new Map<number, number>() });
  const named = JSON.stringify(columns);
  if (cache.current.columns !== named) cache.current = { columns: named, rows: new Map(), asked: new Map() };
  const version = listVersion.value;
  const wanted = ids.join();
  useEffect(() => {
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
  }, [wanted, named, version]);
  return cache.current.rows;
}

const sparks = new Map<string, readonly (number | null)[]>();

/** Short curves of these runs; those that no longer run are read once. */
export function useSparklines(ids: readonly number[], key: string, running: readonly number[]) {
  const [, redraw] = useState(0);
  const version = listVersion.value;
  const wanted = ids.join();
  useEffect(() => {
    const missing = ids
      .filter((id) => !sparks.has(`${key} ${id}`) || running.includes(id))
      .slice(0, MOST_AT_ONCE);
    if (missing.length === 0) return;
    const query = new URLSearchParams({ ids: missing.join(), key });
    void ask<Sparklines>(`/api/runs/sparklines?${query}`).then(({ data }) => {
      if (data === undefined) return;
      for (const id of missing) sparks.set(`${key} ${id}`, data.curves[id] ?? []);
      redraw((count) => count + 1);
    });
  }, [wanted, key, version]);
  return (id: number): readonly (number | null)[] => sparks.get(`${key} ${id}`) ?? [];
}
