/** What a run may be; all but RUNNING are ends. */
export const RUN_STATUSES = ['RUNNING', 'FINISHED', 'FAILED', 'KILLED', 'PRUNED'] as const;

export const SWEEP_STATUSES = ['RUNNING', 'PAUSED', 'FINISHED', 'STOPPED'] as const;

/** What a trial of a sweep may be. */
export const TRIAL_STATES = ['QUEUED', 'RUNNING', 'COMPLETE', 'PRUNED', 'FAILED'] as const;
