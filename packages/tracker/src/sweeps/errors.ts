/** No sweep has this id or name. */
export class SweepUnknownError extends Error {
  readonly code = 'SWEEP_UNKNOWN';
  readonly usage = true;

  constructor(sweep: string | number, nearest: readonly string[]) {
    const hint = nearest.length === 0 ? '' : ` Did you mean ${nearest.join(', ')}?`;
    super(`there is no sweep "${sweep}".${hint} \`npx nx run train:sweep ls\` lists all.`);
    this.name = 'SweepUnknownError';
  }
}

/** The name is taken. */
export class SweepExistsError extends Error {
  readonly code = 'SWEEP_EXISTS';
  readonly usage = true;

  constructor(name: string, status: string) {
    super(
      `there is a sweep "${name}" (${status}): go on with \`sweep resume ${name}\`, or choose another name`,
    );
    this.name = 'SweepExistsError';
  }
}

/** Another process schedules the sweep. */
export class SweepBusyError extends Error {
  readonly code = 'SWEEP_BUSY';
  readonly owner: string;
  /** Epoch milliseconds. */
  readonly until: number;

  constructor(name: string, owner: string, until: number) {
    const seconds = Math.max(1, Math.ceil((until - Date.now()) / 1000));
    super(
      `sweep "${name}" is being run by ${owner}; if that process is gone, it can be taken over in ${seconds} s`,
    );
    this.name = 'SweepBusyError';
    this.owner = owner;
    this.until = until;
  }
}

/** The lease ran out or the trial was given to somebody else: what the holder has to say counts no more. */
export class LeaseLostError extends Error {
  readonly code = 'LEASE_LOST';

  constructor(what: string) {
    super(`${what} is no longer ours: its lease ran out, or it was given to another worker`);
    this.name = 'LeaseLostError';
  }
}
