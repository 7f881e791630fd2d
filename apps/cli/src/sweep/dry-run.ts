import { openSweeps, openTracker } from '@atelier/tracker';
import {
  type Candidate,
  Candidates,
  isResultFree,
  type SweepSpec,
  trialLimit,
  type TrialPlan,
} from '@atelier/train';
import { atelierHome } from '../terminal/home.ts';
import { formatTable } from '../terminal/table.ts';
import { voiceOf } from './carry.ts';
import { estimate, type Estimate } from './estimate.ts';
import type { SweepFlags } from './flags.ts';
import { codeVersionOf, plannerOf } from './planner.ts';
import { count, formatParameters, formatSeconds } from './text.ts';

/** Rows of the table for people; `--json` has all. */
const MOST_ROWS = 50;

/** All points; of a sampler that learns only those it would give without any result. */
function candidatesOf(spec: SweepSpec): Candidate[] {
  const most = isResultFree(spec) ? Infinity : Math.min(spec.workers, trialLimit(spec));
  const candidates = new Candidates(spec, []);
  const found: Candidate[] = [];
  while (found.length < most) {
    const next = candidates.next([]);
    if (next === undefined) break;
    found.push(...next);
  }
  return found;
}

/** Keys of trials that are complete in any sweep of the user's home: they would not be run. */
function completeKeys(): Set<string> {
  using tracker = openTracker({ home: atelierHome(), readonly: true });
  const sweeps = openSweeps(tracker);
  const trials = sweeps.list().flatMap(({ id }) => sweeps.trials(id));
  return new Set(trials.filter(({ state }) => state === 'COMPLETE').map(({ key }) => key));
}

function table(plans: readonly TrialPlan[], done: ReadonlySet<string>): string {
  const columns = [
    { title: 'trial', align: 'right' },
    { title: 'seed', align: 'right' },
    { title: 'parameters' },
    { title: '' },
  ] as const;
  const rows = plans
    .slice(0, MOST_ROWS)
    .map(({ key, parameters, seed }, i) => [
      String(i),
      String(seed),
      formatParameters(parameters),
      done.has(key) ? 'complete already' : '',
    ]);
  const more =
    plans.length > MOST_ROWS ? `\n... and ${plans.length - MOST_ROWS} more (--json prints all)` : '';
  return `${formatTable([...columns], rows)}${more}`;
}

function estimateLine(estimated: Estimate | undefined, spec: SweepSpec): string {
  if (spec.task.kind === 'function') return 'no estimate of time: a function may take any';
  if (estimated === undefined)
    return 'no estimate of time: there are no finished runs of this kind of model on this data yet';
  const { seconds, trialSeconds, runs, secondsPerEpoch } = estimated;
  const workers = count(spec.workers, 'worker');
  return (
    `about ${formatSeconds(seconds)} with ${workers} (${formatSeconds(trialSeconds)} of trials, as ${count(runs, 'earlier run')} took ` +
    `${formatSeconds(secondsPerEpoch)} an epoch; workers that share cores take longer for each)`
  );
}

/** Prints what a sweep would do. Makes nothing. */
export async function dryRun(spec: SweepSpec, flags: SweepFlags): Promise<void> {
  const plan = await plannerOf(spec, codeVersionOf(spec.task));
  // equal points are one trial
  const plans = [
    ...new Map(
      candidatesOf(spec)
        .map((candidate) => plan(candidate))
        .map((p) => [p.key, p]),
    ).values(),
  ];
  const done = completeKeys();
  const complete = plans.filter(({ key }) => done.has(key)).length;
  const total = isResultFree(spec) ? plans.length : trialLimit(spec);
  const estimated = estimate(spec, plans, total - complete);
  if (flags.json === true) {
    const trials = plans.map(({ key, parameters, seed }) => ({
      key,
      parameters,
      seed,
      complete: done.has(key),
    }));
    const answer = { name: spec.name, total, complete, trials, estimate: estimated ?? null };
    process.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
    return;
  }
  const { say } = voiceOf(flags);
  say(
    `sweep ${spec.name}: ${count(total, 'trial')}${complete > 0 ? `, ${complete} of them complete already` : ''}\n`,
  );
  say(table(plans, done));
  if (!isResultFree(spec))
    say(
      `... the other ${total - plans.length} depend on results: ${spec.sampler.kind} chooses them on the way`,
    );
  say(`\n${estimateLine(estimated, spec)}\nnothing was made (--dry-run)`);
}
