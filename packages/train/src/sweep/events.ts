import type { Parameters, TrialState } from '@atelier/search';
import type { Failure } from './messages.ts';

/** What a sweep tells while it goes on. Trials are named by their number in the sweep. */
export type SweepEvent =
  | {
      readonly type: 'started';
      /** Trials by state, of earlier sittings. */
      readonly counts: Readonly<Record<TrialState, number>>;
      /** Trials there will be; undefined while a sampler may go on. */
      readonly total: number | undefined;
    }
  | {
      readonly type: 'queued';
      readonly added: number;
      /** Taken over from equal finished trials, no work done. */
      readonly reused: readonly { readonly number: number; readonly from: unknown }[];
    }
  /** FAILED trials that get one attempt more. */
  | { readonly type: 'requeued'; readonly numbers: readonly number[] }
  | { readonly type: 'worker-started'; readonly worker: number; readonly pid: number | undefined }
  | { readonly type: 'worker-ready'; readonly worker: number }
  | { readonly type: 'worker-died'; readonly worker: number; readonly reason: string }
  | {
      readonly type: 'trial-started';
      readonly worker: number;
      readonly number: number;
      readonly attempt: number;
      readonly parameters: Parameters;
    }
  | {
      readonly type: 'trial-reported';
      readonly worker: number;
      readonly number: number;
      readonly step: number;
      readonly value: number;
    }
  | {
      readonly type: 'trial-ended';
      readonly worker: number;
      readonly number: number;
      readonly state: 'COMPLETE' | 'PRUNED' | 'FAILED';
      readonly values: readonly number[];
      readonly runId: number | undefined;
      /** Of a pruned trial. */
      readonly reason?: string;
      /** Of a failed one. */
      readonly error?: Failure;
      readonly seconds: number;
    }
  | {
      readonly type: 'trial-returned';
      readonly number: number;
      /** Why it waits in the queue again. */
      readonly why: 'parked' | 'retry' | 'lost';
      readonly error?: Failure;
    }
  | { readonly type: 'stopping'; readonly why: StopReason }
  | {
      readonly type: 'finished';
      readonly status: 'FINISHED' | 'PAUSED' | 'STOPPED';
      readonly counts: Readonly<Record<TrialState, number>>;
      readonly why: StopReason | 'done';
    };

/** Why no more trials are started. */
export type StopReason = 'interrupt' | 'stop-requested' | 'time-limit';
