import { useLayoutEffect, useState } from 'preact/hooks';
import type { Problem } from '../../api/schema.ts';

export interface Answer<T> {
  readonly data?: T;
  readonly problem?: Problem;
}

export async function ask<T>(path: string): Promise<Answer<T>> {
  try {
    const response = await fetch(path);
    if (response.ok) return { data: (await response.json()) as T };
    return { problem: (await response.json()) as Problem };
  } catch {
    return { problem: { code: 'UNREACHABLE', message: 'the server does not answer' } };
  }
}

/** Sends a change. The problem, where it was refused. */
export async function change(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body: unknown = {},
): Promise<Problem | undefined> {
  try {
    const response = await fetch(path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.ok ? undefined : ((await response.json()) as Problem);
  } catch {
    return { code: 'UNREACHABLE', message: 'the server does not answer' };
  }
}

/**
 * The answer to a path, asked again when `version` moves; the old one stays until the new one is there.
 * @param path null asks nothing.
 */
export function useAnswer<T>(path: string | null, version: number | undefined): Answer<T> {
  const [held, hold] = useState<{ path: string | null; answer: Answer<T> }>({ path: null, answer: {} });
  // before the frame is drawn: asked after it, every answer would be a frame late
  useLayoutEffect(() => {
    if (path === null) return undefined;
    let wanted = true;
    void ask<T>(path).then((answer) => {
      if (!wanted || answer.problem?.code === 'UNREACHABLE') return;
      hold({ path, answer });
    });
    return () => {
      wanted = false;
    };
  }, [path, version]);
  return held.path === path ? held.answer : { ...(held.answer.data !== undefined && samePage(held, path)) };
}

/** Keeps what was shown while another page of the same thing loads. */
function samePage<T>(held: { path: string | null; answer: Answer<T> }, path: string | null): Answer<T> {
  return held.path?.split('?')[0] === path?.split('?')[0] ? held.answer : {};
}
