import type { Parameters, TrialState } from '@atelier/search';
import type { SweepEvent, SweepSpec } from '@atelier/train';
import { count, formatParameters, formatSeconds, formatValue, formatValues, isBetter } from './text.ts';

type Of<Type extends SweepEvent['type']> = Extract<SweepEvent, { type: Type }>;

/** What a worker is at. */
interface Line {
  text: string;
  trial?: { number: number; parameters: Parameters; since: number; step?: number; value?: number };
}

export interface ViewOptions {
  readonly spec: SweepSpec;
  /** Lines that stay. */
  readonly say: (line: string) => void;
  /** Where a live block can be drawn, and how wide it is; absent where only lines can be printed. */
  readonly terminal?: { write(text: string): void; readonly columns: number } | undefined;
}

const HIDE = '\x1b[?25l';
const SHOW = '\x1b[?25h';

/** Tells how a sweep goes: a line for every trial that ends, below it (on a terminal) where everything stands. */
export class SweepView {
  readonly #options: ViewOptions;
  readonly #workers = new Map<number, Line>();
  readonly #names = new Map<number, Parameters>();
  readonly #since = performance.now();
  #counts: Record<TrialState, number> = { QUEUED: 0, RUNNING: 0, COMPLETE: 0, PRUNED: 0, FAILED: 0 };
  #total: number | undefined;
  #best: { number: number; value: number } | undefined;
  #seconds = 0;
  #ended = 0;
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ViewOptions) {
    this.#options = options;
    if (options.terminal === undefined) return;
    options.terminal.write(HIDE);
    this.#timer = setInterval(() => this.#draw(), 250);
  }

  /** What trials of earlier sittings have reached. */
  knows(trials: readonly { number: number; values: readonly number[] }[]): void {
    for (const { number, values } of trials) this.#consider(number, values[0]);
  }

  #consider(number: number, value: number | undefined): void {
    const [objective] = this.#options.spec.objectives;
    if (value === undefined) return;
    if (this.#best === undefined || isBetter(objective!, value, this.#best.value))
      this.#best = { number, value };
  }

  show(event: SweepEvent): void {
    const show = this.#shows[event.type] as ((event: SweepEvent) => void) | undefined;
    show?.(event);
  }

  readonly #shows: { [Type in SweepEvent['type']]?: (event: Of<Type>) => void } = {
    started: ({ counts, total }) => {
      this.#counts = { ...counts };
      this.#total = total;
    },
    queued: ({ added, reused }) => {
      this.#counts.QUEUED += added;
      this.#counts.COMPLETE += reused.length;
      for (const { number, from } of reused)
        this.#say(
          `trial ${number}  COMPLETE  taken over from ${describeSource(from)}: equal work, not done again`,
        );
    },
    requeued: ({ numbers }) =>
      this.#say(`tried again: ${numbers.length === 1 ? 'trial' : 'trials'} ${numbers.join(', ')}`),
    'worker-started': ({ worker }) => void this.#workers.set(worker, { text: 'starting' }),
    'worker-ready': ({ worker }) => {
      this.#workers.set(worker, { text: 'waiting' });
      if (this.#options.terminal === undefined) this.#say(`worker ${worker} is ready`);
    },
    'worker-died': ({ worker, reason }) => {
      this.#workers.delete(worker);
      this.#say(`worker ${worker} died: ${reason}`);
    },
    'trial-started': ({ worker, number, parameters }) => {
      this.#counts.QUEUED--;
      this.#counts.RUNNING++;
      this.#names.set(number, parameters);
      this.#workers.set(worker, { text: '', trial: { number, parameters, since: performance.now() } });
    },
    'trial-reported': ({ worker, step, value }) => {
      const trial = this.#workers.get(worker)?.trial;
      if (trial) Object.assign(trial, { step, value });
    },
    'trial-ended': (event) => this.#ends(event),
    'trial-returned': ({ number, why, error }) => {
      this.#counts.RUNNING--;
      this.#counts.QUEUED++;
      const reason = error === undefined ? '' : `: ${error.message}`;
      const what = {
        parked: 'put back',
        retry: 'failed, will be tried again',
        lost: 'lost, will be tried again',
      };
      this.#say(`trial ${number}  ${what[why]}${reason}`);
      this.#idle(number);
    },
    stopping: ({ why }) => {
      const reason = {
        interrupt: 'stopping: running trials finish their epoch and are put back (again to stop at once)',
        'stop-requested': 'somebody asked for a stop: running trials finish their epoch and are put back',
        'time-limit': 'the time is up: no more trials are started',
      };
      this.#say(reason[why]);
    },
  };

  #idle(number: number): void {
    for (const [worker, { trial }] of this.#workers)
      if (trial?.number === number) this.#workers.set(worker, { text: 'waiting' });
  }

  #ends({ number, state, values, reason, error, seconds, runId }: Of<'trial-ended'>): void {
    this.#counts.RUNNING--;
    this.#counts[state]++;
    this.#seconds += seconds;
    this.#ended++;
    if (state === 'COMPLETE') this.#consider(number, values[0]);
    const outcome =
      state === 'COMPLETE'
        ? formatValues(this.#options.spec.objectives, values)
        : (reason ?? error?.message ?? '');
    const run = runId === undefined ? '' : `  run ${runId}`;
    const parameters = formatParameters(this.#names.get(number) ?? {});
    this.#say(
      `trial ${number}  ${state.padEnd(8)}  ${outcome}  ${formatSeconds(seconds)}${run}  ${parameters}`,
    );
    this.#names.delete(number);
    this.#idle(number);
  }

  #say(line: string): void {
    this.#erase();
    this.#options.say(line);
  }

  /** Seconds that the rest will take, judged by the trials that have ended in this sitting. */
  #left(): number | undefined {
    if (this.#ended === 0) return undefined;
    const open = this.#open();
    return (open * (this.#seconds / this.#ended)) / Math.max(1, Math.min(this.#workers.size, open));
  }

  #open(): number {
    const { QUEUED, RUNNING, COMPLETE, PRUNED, FAILED } = this.#counts;
    const known = QUEUED + RUNNING;
    return this.#total === undefined ? known : Math.max(known, this.#total - COMPLETE - PRUNED - FAILED);
  }

  /** What the live block says, a line each. */
  lines(): string[] {
    const { spec } = this.#options;
    const { COMPLETE, PRUNED, FAILED } = this.#counts;
    const done = COMPLETE + PRUNED + FAILED;
    const best = this.#best;
    const left = this.#left();
    const head = [
      `${spec.name}: ${done} of ${count(done + this.#open(), 'trial')}`,
      ...(PRUNED > 0 ? [`${PRUNED} pruned`] : []),
      ...(FAILED > 0 ? [`${FAILED} failed`] : []),
      ...(best
        ? [`best ${spec.objectives[0]!.metric} ${formatValue(best.value)} (trial ${best.number})`]
        : []),
      `${formatSeconds((performance.now() - this.#since) / 1000)} so far`,
      ...(left === undefined ? [] : [`about ${formatSeconds(left)} left`]),
    ];
    const workers = [...this.#workers].sort(([a], [b]) => a - b);
    return [head.join(', '), ...workers.map(([index, line]) => `  worker ${index}  ${this.#lineOf(line)}`)];
  }

  #lineOf({ text, trial }: Line): string {
    if (trial === undefined) return text;
    const { number, parameters, since, step, value } = trial;
    const metric = this.#options.spec.objectives[0]!.metric;
    const reported = step === undefined ? '' : `  step ${step}  ${metric} ${formatValue(value)}`;
    const seconds = formatSeconds((performance.now() - since) / 1000);
    return `trial ${number}${reported}  ${seconds}  ${formatParameters(parameters)}`;
  }

  #erase(): void {
    if (this.#drawn === 0) return;
    this.#options.terminal?.write(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
  }

  #draw(): void {
    const { terminal } = this.#options;
    if (terminal === undefined) return;
    this.#erase();
    const lines = this.lines().map((line) => line.slice(0, Math.max(20, terminal.columns - 1)));
    terminal.write(`${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#erase();
    if (this.#timer !== undefined) this.#options.terminal?.write(SHOW);
    this.#timer = undefined;
  }
}

/** Whatever the store says a value was taken over from. */
function describeSource(from: unknown): string {
  if (typeof from === 'number') return `trial ${from}`;
  if (typeof from !== 'object' || from === null) return 'an equal trial';
  return Object.entries(from)
    .filter(([, value]) => typeof value === 'number' || typeof value === 'string')
    .map(([key, value]) => `${key.replace(/Id$/, '')} ${value}`)
    .join(', ');
}
