/** From the scheduler to a worker. */
export type ToWorker =
  /** Take the next trial of the queue. */
  | { readonly type: 'claim' }
  | { readonly type: 'verdict'; readonly ask: number; readonly prune: boolean; readonly reason: string }
  /** Finish the present epoch, then put the trial back. */
  | { readonly type: 'park' }
  /** Put the trial back at once. */
  | { readonly type: 'abort' }
  | { readonly type: 'exit' };

/** How a trial left a worker. LOST: its lease was somebody else's by then. */
export type Ending =
  | { readonly state: 'COMPLETE'; readonly values: readonly number[] }
  | { readonly state: 'PRUNED'; readonly reason: string }
  | { readonly state: 'FAILED' | 'RETRY'; readonly error: Failure }
  | { readonly state: 'PARKED' | 'LOST' };

export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** From a worker to the scheduler. */
export type FromWorker =
  | { readonly type: 'ready' }
  /** It cannot work here at all. */
  | { readonly type: 'broken'; readonly failure: Failure & { readonly usage: boolean } }
  | { readonly type: 'claimed'; readonly number: number; readonly attempt: number }
  /** Nothing was left to claim. */
  | { readonly type: 'idle' }
  | {
      readonly type: 'report';
      readonly ask: number;
      readonly number: number;
      readonly step: number;
      readonly value: number;
      /** Base64 of one byte per validation sample, 1 for right: what racing compares. */
      readonly correct?: string;
    }
  | { readonly type: 'run'; readonly number: number; readonly runId: number }
  | { readonly type: 'ended'; readonly number: number; readonly ending: Ending }
  /** Needs another engine than it has open, and ends so that a new one can take its place. */
  | { readonly type: 'stale' };
