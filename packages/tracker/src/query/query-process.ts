import type { ChildProcess } from 'node:child_process';
import { startProcess } from '@atelier/start';
import { QueryError, QueryTooSlowError } from '../errors.ts';
import type { Completion } from './complete.ts';
import type { RunQuery } from './run-table.ts';

type Question =
  | { readonly kind: 'order'; readonly query: Pick<RunQuery, 'filter' | 'sort' | 'trash'> }
  | { readonly kind: 'complete'; readonly text: string; readonly cursor: number | undefined };

/** To the process. */
export interface QueryRequest {
  readonly home: string;
  readonly question: Question;
}

/** From the process. */
export type QueryReply = { readonly result: unknown } | { readonly error: object };

interface Pending extends QueryRequest {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** Milliseconds. */
export const QUERY_LIMIT_MS = 1000;
const IDLE_MS = 60_000;
/** Questions that wait; more are refused. */
const MOST_WAITING = 100;

/** An error of the process as it was thrown there. */
function revived(sent: object): Error {
  const fields = sent as { code?: string; message: string } & QueryError;
  if (fields.code !== 'QUERY') return Object.assign(new Error(fields.message), fields);
  return Object.assign(Object.create(QueryError.prototype) as QueryError, fields);
}

/**
 * Asks the run table in a process of its own, on a connection of its own: filters are typed by people and may have to read
 * every note there is. SQLite offers no way to end a query but to end its process, a thread's neither, so this is one; it
 * starts with the first question, is started anew after one that took too long, and ends after a minute without any.
 */
export class QueryProcess implements Disposable {
  private child: ChildProcess | undefined;
  private isReady = false;
  private asked: Pending | undefined;
  private readonly waiting: Pending[] = [];
  private timer: NodeJS.Timeout | undefined;
  private readonly limitMs: number;

  /** @param limitMs how long one question may take */
  constructor(limitMs = QUERY_LIMIT_MS) {
    this.limitMs = limitMs;
  }

  /** As `runIds` of a tracker of this home. @throws QueryError, QueryTooSlowError */
  runIds(home: string, query: Pick<RunQuery, 'filter' | 'sort' | 'trash'>): Promise<number[]> {
    return this.ask(home, { kind: 'order', query });
  }

  /** As `complete` of a tracker of this home. @throws QueryTooSlowError */
  complete(home: string, text: string, cursor?: number): Promise<Completion> {
    return this.ask(home, { kind: 'complete', text, cursor });
  }

  /** Ends the process; what it has not answered is rejected. */
  close(): void {
    this.end();
    const all = [...(this.asked ? [this.asked] : []), ...this.waiting.splice(0)];
    this.asked = undefined;
    for (const { reject } of all) reject(new Error('the process that answers filters was closed'));
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private ask<Result>(home: string, question: Question): Promise<Result> {
    if (this.waiting.length >= MOST_WAITING)
      return Promise.reject(new QueryTooSlowError('was refused: too many others wait'));
    return new Promise<Result>((resolve, reject) => {
      this.waiting.push({ home, question, resolve, reject });
      this.next();
    });
  }

  /** Hands over the next question, where none is being answered. */
  private next(): void {
    if (this.asked !== undefined) return;
    clearTimeout(this.timer);
    if (this.waiting.length === 0) {
      this.child?.unref();
      this.child?.channel?.unref();
      this.timer = setTimeout(() => this.end(), IDLE_MS).unref();
      return;
    }
    const child = (this.child ??= this.start());
    child.ref();
    child.channel?.ref();
    if (!this.isReady) return;
    this.asked = this.waiting.shift()!;
    const { home, question } = this.asked;
    child.send({ home, question } satisfies QueryRequest);
    this.timer = setTimeout(() => this.giveUp(), this.limitMs);
  }

  private start(): ChildProcess {
    const child = startProcess(new URL('./query-child.ts', import.meta.url), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.on('message', (message) => {
      if (this.child !== child) return;
      if (message === 'ready') this.isReady = true;
      else this.answer(message as QueryReply);
      this.next();
    });
    const gone = (reason: unknown): void => {
      if (this.child === child)
        this.lose(new Error(`the process that answers filters ended: ${String(reason)}`));
    };
    child.on('error', gone);
    child.on('exit', gone);
    return child;
  }

  private answer(reply: QueryReply): void {
    const asked = this.asked;
    this.asked = undefined;
    if ('error' in reply) asked?.reject(revived(reply.error));
    else asked?.resolve(reply.result as never);
  }

  private giveUp(): void {
    const asked = this.asked;
    this.asked = undefined;
    this.end();
    asked?.reject(new QueryTooSlowError(`took longer than ${this.limitMs / 1000} s and was ended`));
    this.next();
  }

  /** It ended by itself: whoever asks next has a new one, who asked this one is told. */
  private lose(error: Error): void {
    this.end();
    const asked = this.asked ?? this.waiting.shift();
    this.asked = undefined;
    asked?.reject(error);
    this.next();
  }

  private end(): void {
    clearTimeout(this.timer);
    const { child } = this;
    this.child = undefined;
    this.isReady = false;
    child?.kill('SIGKILL');
  }
}
