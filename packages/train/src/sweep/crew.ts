import type { Mailbox } from './mailbox.ts';
import type { FromWorker } from './messages.ts';
import type { WorkerProcess } from './worker-process.ts';

/** A worker and what it is at. */
export interface Member {
  readonly index: number;
  readonly process: WorkerProcess;
  state: 'starting' | 'free' | 'claiming' | 'busy' | 'leaving';
  /** When its trial began, by the clock of performance.now(). */
  since: number;
}

/** What wakes a scheduler. */
export type Note =
  | { readonly kind: 'message'; readonly member: Member; readonly message: FromWorker }
  | { readonly kind: 'exit'; readonly member: Member; readonly reason: string }
  | { readonly kind: 'tick' | 'park' | 'abort' };

/** How long workers have to go by themselves. */
const GRACE_MS = 5000;

const isActive = ({ state }: Member): boolean => state === 'busy' || state === 'claiming';

/** The workers of a sitting. What they say, and that they ended, comes as notes. */
export class Crew {
  readonly members = new Set<Member>();
  readonly #start: () => WorkerProcess;
  readonly #mailbox: Mailbox<Note>;

  constructor(start: () => WorkerProcess, mailbox: Mailbox<Note>) {
    this.#start = start;
    this.#mailbox = mailbox;
  }

  get names(): Set<string> {
    return new Set([...this.members].map(({ process }) => process.name));
  }

  get isActive(): boolean {
    return [...this.members].some(isActive);
  }

  count(state: Member['state']): number {
    return [...this.members].filter((member) => member.state === state).length;
  }

  hire(): Member {
    const taken = new Set([...this.members].map(({ index }) => index));
    let index = 0;
    while (taken.has(index)) index++;
    const process = this.#start();
    const member: Member = { index, process, state: 'starting', since: 0 };
    process.onMessage((message) => this.#mailbox.put({ kind: 'message', member, message }));
    process.onExit((reason) => this.#mailbox.put({ kind: 'exit', member, reason }));
    this.members.add(member);
    return member;
  }

  /** Running trials finish their epoch and go back into the queue. */
  park(): void {
    for (const member of this.members) if (isActive(member)) member.process.send({ type: 'park' });
  }

  /** They go back at once; a worker that does not listen is killed, and its trial has had an attempt. */
  abort(): void {
    for (const { process } of this.members) process.send({ type: 'abort' });
    setTimeout(() => this.#kill(), GRACE_MS).unref();
  }

  #kill(): void {
    for (const { process } of this.members) process.kill();
  }

  /** Sends every worker away; those with a trial put it back first. @param onGone called for each */
  async dismiss(onGone: (member: Member) => void): Promise<void> {
    for (const member of this.members) {
      const { process, state } = member;
      // one that starts has nothing yet, and hears nothing before it is ready
      if (state === 'starting') process.kill();
      else process.send({ type: isActive(member) ? 'abort' : 'exit' });
    }
    const late = setTimeout(() => this.#kill(), GRACE_MS);
    while (this.members.size > 0) {
      const note = await this.#mailbox.next();
      if (note.kind !== 'exit') continue;
      this.members.delete(note.member);
      onGone(note.member);
    }
    clearTimeout(late);
  }
}
