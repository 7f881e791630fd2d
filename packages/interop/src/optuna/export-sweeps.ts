import { z } from 'zod';
import { openSweeps, type Sweep, type Sweeps, type SweepTrial } from '@atelier/tracker';
import { ExportSelectionError } from '../errors.ts';
import type { ExportCounts, ExportJob } from '../export-job.ts';
import { distributionOf, OptunaParameter, type Distribution } from './distributions.ts';
import { OptunaWriter, type OptunaState } from './sqlite-writer.ts';

/** What an export needs of a sweep's plan. */
const Plan = z.object({
  objectives: z.array(z.object({ metric: z.string(), direction: z.enum(['maximize', 'minimize']) })).min(1),
  space: z.object({ parameters: z.record(z.string(), OptunaParameter) }),
});
type Plan = z.output<typeof Plan>;

const STATES = {
  QUEUED: 'WAITING',
  RUNNING: 'RUNNING',
  COMPLETE: 'COMPLETE',
  PRUNED: 'PRUNED',
  FAILED: 'FAIL',
} as const satisfies Record<SweepTrial['state'], OptunaState>;

function planOf({ name, spec }: Sweep): Plan {
  const plan = Plan.safeParse(spec);
  if (plan.success) return plan.data;
  const issue = plan.error.issues[0]!;
  throw new ExportSelectionError(
    `sweep "${name}" cannot be written as a study: ${issue.path.join('.')}: ${issue.message}`,
  );
}

function distributionsOf(plan: Plan, trials: readonly SweepTrial[]): Map<string, Distribution> {
  const seen = new Map<string, SweepTrial['parameters'][string][]>();
  for (const { parameters } of trials) {
    for (const [path, value] of Object.entries(parameters)) {
      const values = seen.get(path) ?? [];
      values.push(value);
      seen.set(path, values);
    }
  }
  return new Map(
    [...seen].map(([path, values]) => [path, distributionOf(plan.space.parameters[path], values)]),
  );
}

/** Optuna has no COMPLETE trial whose value is NaN or missing: it fails such a trial itself. */
function stateOf(trial: SweepTrial, plan: Plan): OptunaState {
  const whole = trial.values.length === plan.objectives.length && !trial.values.some(Number.isNaN);
  return trial.state === 'COMPLETE' && !whole ? 'FAIL' : STATES[trial.state];
}

/** The objectives' values; of a pruned trial its last report, as Optuna has it. */
function valuesOf(trial: SweepTrial, state: OptunaState, plan: Plan): readonly number[] {
  if (state === 'COMPLETE') return trial.values;
  const last = trial.reports.at(-1)?.value;
  const single = plan.objectives.length === 1;
  return state === 'PRUNED' && single && last !== undefined && !Number.isNaN(last) ? [last] : [];
}

function attributesOf(trial: SweepTrial): Record<string, unknown> {
  const { runId, seed, key, attempts, worker, reusedFrom, error, pruneReason } = trial;
  const known = { run: runId, seed, key, attempts, worker, reusedFrom, error, pruneReason };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

class SweepExporter {
  private readonly job: ExportJob;
  private readonly sweeps: Sweeps;
  private readonly writer: OptunaWriter;
  private failed = 0;

  constructor(job: ExportJob, writer: OptunaWriter) {
    this.job = job;
    this.sweeps = openSweeps(job.tracker);
    this.writer = writer;
  }

  async write(): Promise<readonly string[]> {
    for (const id of this.job.sweeps) await this.writeSweep(this.sweeps.get(id));
    this.writer.end();
    const { failed } = this;
    return failed === 0 ? [] : [`${failed} complete trials have no value (NaN): Optuna calls them FAIL`];
  }

  private async writeSweep(sweep: Sweep): Promise<void> {
    await this.job.pace.run(sweep.name);
    const plan = planOf(sweep);
    const trials = this.sweeps.trials(sweep.id, { reports: true });
    const directions = plan.objectives.map(({ direction }) => direction);
    const study = this.writer.study(sweep.name, directions);
    const metrics = plan.objectives.map(({ metric }) => metric);
    this.writer.attribute('study', 'system', study, 'study:metric_names', metrics);
    for (const key of ['project', 'codeVersion', 'datasetDigest', 'status'] as const) {
      if (sweep[key] !== undefined) this.writer.attribute('study', 'user', study, key, sweep[key]);
    }
    const distributions = distributionsOf(plan, trials);
    for (const trial of trials) {
      this.writeTrial(study, trial, plan, distributions);
      await this.job.pace.add(trial.reports.length);
    }
  }

  private writeTrial(
    study: number,
    trial: SweepTrial,
    plan: Plan,
    distributions: ReadonlyMap<string, Distribution>,
  ): void {
    const state = stateOf(trial, plan);
    if (state === 'FAIL' && trial.state === 'COMPLETE') this.failed++;
    const start = state === 'WAITING' ? undefined : (trial.startedAt ?? trial.queuedAt);
    const { number, endedAt: end } = trial;
    const id = this.writer.trial(study, { number, state, start, end });
    const known = Object.entries(trial.parameters).map(([path, value]) => {
      return { path, value, distribution: distributions.get(path)! };
    });
    if (state === 'WAITING') {
      const fixed = known.map(({ path, value, distribution }) => [path, distribution.external(value)]);
      this.writer.attribute('trial', 'system', id, 'fixed_params', Object.fromEntries(fixed));
    } else {
      for (const { path, value, distribution } of known) {
        this.writer.parameter(id, path, distribution.internal(value), distribution.json);
      }
    }
    for (const [key, value] of Object.entries(attributesOf(trial))) {
      this.writer.attribute('trial', 'user', id, key, value);
    }
    for (const [objective, value] of valuesOf(trial, state, plan).entries()) {
      this.writer.value(id, objective, value);
    }
    for (const { step, value } of trial.reports) this.writer.report(id, step, value);
  }
}

/** Writes sweeps as studies of Optuna's SQLite storage: `optuna-dashboard sqlite:///<out>`. */
export async function exportOptuna(job: ExportJob, file: string): Promise<ExportCounts> {
  using writer = new OptunaWriter(file);
  const notes = await new SweepExporter(job, writer).write();
  return { points: job.pace.points, notes };
}

/**
 * The ids of the sweeps to export, ascending.
 * @param typed names or ids, as `lr,3`; absent: all.
 * @throws ExportSelectionError, SweepUnknownError
 */
export function selectSweeps(
  tracker: ExportJob['tracker'],
  { sweeps: typed, project }: { sweeps?: string | undefined; project?: string | undefined },
): number[] {
  const sweeps = openSweeps(tracker);
  const all = sweeps.list({ project });
  if (all.length === 0) {
    const where = project === undefined ? tracker.home : `project "${project}" (${tracker.home})`;
    throw new ExportSelectionError(`there are no sweeps in ${where}`);
  }
  if (typed === undefined) return all.map(({ id }) => id).sort((a, b) => a - b);
  const parts = typed.split(',').map((part) => part.trim());
  if (parts.includes('')) {
    throw new ExportSelectionError(`"${typed}" is no list of sweeps: expected names or ids, as lr,3`);
  }
  const chosen = parts.map((part) => sweeps.get(part));
  const elsewhere = chosen.filter(({ id }) => !all.some((sweep) => sweep.id === id));
  if (elsewhere.length > 0) {
    throw new ExportSelectionError(
      `sweep ${elsewhere.map(({ name }) => name).join(', ')} is not of project "${project}"`,
    );
  }
  return [...new Set(chosen.map(({ id }) => id))].sort((a, b) => a - b);
}
