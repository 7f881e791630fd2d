import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Problem } from '../../api/schema.ts';
import type { RunOrder } from '../../api/runs.ts';
import { ask } from '../shell/api.ts';
import { listVersion } from '../shell/live.ts';

const REORDER_MS = 500;

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

/** The list there was, where nothing in it changed: what is made from it stays too. */
function sameOrNew(old: readonly number[] | undefined, next: readonly number[]): readonly number[] {
  return old?.length === next.length && old.every((id, at) => id === next[at]) ? old : next;
}

/**
 * The ids of a filter in their order; the last good ones stay while a filter is being typed or cannot be understood.
 * @param prepare Gets what the first look at an order needs; the order is there when that is.
 */
export function useOrder(
  filter: string,
  sort: string,
  trash: boolean,
  prepare: (ids: readonly number[]) => Promise<void>,
): Order {
  const [order, setOrder] = useState<Order>({});
  const last = useRef({ asked: '', at: 0 });
  const version = listVersion.value;
  // before the frame is drawn, not after it: the answer is what people wait for
  useLayoutEffect(() => {
    const path = `/api/runs/order?${new URLSearchParams({ filter, sort, trash: trash ? '1' : '0' })}`;
    const load = async (): Promise<void> => {
      last.current = { asked: path, at: performance.now() };
      const { data, problem } = await ask<RunOrder>(path);
      if (data) await prepare(data.ids);
      // something else was asked meanwhile, or the server is gone, which is said elsewhere
      if (last.current.asked !== path || problem?.code === 'UNREACHABLE') return;
      setOrder((old) =>
        data
          ? { ids: sameOrNew(old.ids, data.ids) }
          : { ...(old.ids && { ids: old.ids }), ...(problem && { problem }) },
      );
    };
    // a training writes all the time: its events reorder the table now and then, what people ask for at once
    const wait = last.current.asked === path ? last.current.at + REORDER_MS - performance.now() : 0;
    const timer = wait > 0 ? setTimeout(() => void load(), wait) : undefined;
    if (timer === undefined) void load();
    return () => clearTimeout(timer);
  }, [filter, sort, trash, version]);
  return order;
}
