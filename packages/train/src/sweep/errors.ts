import { nearest } from '@atelier/base';

/** A sweep, or a sweep file, that cannot be carried out as it is written. */
export class SweepInvalid extends Error {
  readonly code = 'SWEEP_INVALID';
  readonly usage = true;
  /** What of the sweep is at fault: `space`, `trials`, `objectives`, ... */
  readonly part: string;

  constructor(part: string, problem: string, options?: ErrorOptions) {
    super(`${part}: ${problem}`, options);
    this.name = 'SweepInvalid';
    this.part = part;
  }
}

/** A metric that no trial has. */
export class ObjectiveUnknown extends Error {
  readonly code = 'OBJECTIVE_UNKNOWN';
  readonly usage = true;
  readonly metric: string;

  constructor(metric: string, known: readonly string[]) {
    super(
      `no metric "${metric}" to look for; the nearest is "${nearest(metric, known)}" (known: ${known.join(', ')})`,
    );
    this.name = 'ObjectiveUnknown';
    this.metric = metric;
  }
}

/** A grid with more cells than anybody wants by accident. */
export class GridTooLarge extends Error {
  readonly code = 'GRID_TOO_LARGE';
  readonly usage = true;
  readonly cells: number;

  constructor(cells: number, limit: number) {
    const count = (n: number): string => n.toLocaleString('en-US');
    super(
      `the grid has ${count(cells)} trials, more than ${count(limit)}: give a limit with --trials=<n> (a grid then takes its first n), ` +
        'fewer values, or a sampler that does not try every one (--sampler=random, --sampler=tpe)',
    );
    this.name = 'GridTooLarge';
    this.cells = cells;
  }
}

/** One thing that is not as it was when the sweep was made. */
export interface SpecChange {
  /** Dotted path in the sweep. */
  readonly path: string;
  readonly before: unknown;
  readonly now: unknown;
}

function describe({ path, before, now }: SpecChange): string {
  const say = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
  return `  ${path}: was ${say(before)}, is ${say(now)}`;
}

/** A sweep that is not the one of this name any more. */
export class SweepChanged extends Error {
  readonly code = 'SWEEP_CHANGED';
  readonly usage = true;
  readonly changes: readonly SpecChange[];

  constructor(name: string, changes: readonly SpecChange[]) {
    super(
      `sweep "${name}" exists already and differs:\n${changes.map(describe).join('\n')}\n` +
        'add --accept-changes to go on with what is written now (finished trials stay; equal ones are not run again), or give it another --name',
    );
    this.name = 'SweepChanged';
    this.changes = changes;
  }
}

/** Workers that cannot work. */
export class SweepWorkerError extends Error {
  readonly code: string;
  readonly usage: boolean;

  constructor(code: string, message: string, usage = false) {
    super(message);
    this.name = 'SweepWorkerError';
    this.code = code;
    this.usage = usage;
  }
}

/** A module whose default export cannot be called as an objective. */
export class ObjectiveModuleInvalid extends Error {
  readonly code = 'OBJECTIVE_MODULE';
  readonly usage = true;
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path}: ${problem}`, options);
    this.name = 'ObjectiveModuleInvalid';
    this.path = path;
  }
}

/** An objective that returned or reported what it may not, or ended its process. */
export class ObjectiveInvalid extends Error {
  readonly code = 'OBJECTIVE_VALUES';

  constructor(problem: string) {
    super(problem);
    this.name = 'ObjectiveInvalid';
  }
}

/** Thrown into a trial that its pruner gave up. */
export class TrialPruned extends Error {
  readonly code = 'TRIAL_PRUNED';

  constructor(reason: string) {
    super(reason);
    this.name = 'TrialPruned';
  }
}

/** Thrown by a trial whose numbers left the finite ones: an outcome of its settings, which trying again would give again. */
export class TrialDiverged extends Error {
  readonly code = 'TRIAL_DIVERGED';

  constructor(what: string, options?: ErrorOptions) {
    super(`diverged: ${what}`, options);
    this.name = 'TrialDiverged';
  }
}

/** Thrown into a trial that goes back into the queue. */
export class TrialParked extends Error {
  readonly code = 'TRIAL_PARKED';

  constructor() {
    super('the sweep pauses');
    this.name = 'TrialParked';
  }
}

/** Thrown by a runner whose process cannot run this trial any more, though another could. */
export class WorkerStale extends Error {
  readonly code = 'WORKER_STALE';

  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'WorkerStale';
  }
}
