import { canonicalJson } from '@atelier/base';
import { STARTER, typescriptFlags } from '@atelier/start';
import { openSweeps, type Sweep, type Sweeps, type SweepTrial, type Tracker } from '@atelier/tracker';
import {
  isGone,
  processName,
  type SpecChange,
  specChanges,
  startWorkerProcess,
  type StoredAnswers,
  sweep,
  SweepChanged,
  type SweepEvent,
  SweepInvalid,
  SweepSpec,
  threadsOf,
  toJsonRecord,
} from '@atelier/train';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { atelierHome } from '../terminal/home.ts';
import { watchInterrupts } from '../terminal/interrupt.ts';
import { openRecords, type Voice } from '../train/run-setup.ts';
import { bestLines, bestOf, promotionLines } from './best.ts';
import type { SweepFlags } from './flags.ts';
import { codeVersionOf, plannerOf } from './planner.ts';
import { count } from './text.ts';
import { answersPath } from './training.ts';
import { SweepView } from './view.ts';

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));

/** How long a scheduler or worker that says nothing counts as alive. */
const LEASE_SECONDS = 15;

export function voiceOf(flags: Pick<SweepFlags, 'json' | 'quiet'>): Voice {
  const out = flags.json === true ? process.stderr : process.stdout;
  return {
    say: (line) => void (flags.quiet === true || out.write(`${line}\n`)),
    warn: (line) => void process.stderr.write(`warning: ${line}\n`),
  };
}

function leaseOf({ lease }: SweepFlags): number {
  const seconds = lease === undefined ? LEASE_SECONDS : Number(lease);
  if (seconds >= 1 && seconds <= 3600) return seconds * 1000;
  throw new SweepInvalid('--lease', `expected seconds from 1 to 3600, got "${lease}"`);
}

/** `3,17`. @throws SweepInvalid */
export function numbersOf(text: string): number[] {
  return text.split(',').map((part) => {
    if (/^\s*\d+\s*$/.test(part)) return Number(part);
    throw new SweepInvalid('--retry-trials', `expected numbers of trials, such as 3,17, got "${text}"`);
  });
}

function retriesOf({ retryFailed, retryTrials }: SweepFlags): 'all' | number[] | undefined {
  if (retryFailed === true) return 'all';
  return retryTrials === undefined ? undefined : numbersOf(retryTrials);
}

/** A sweep of this name, or nothing. */
function existing(sweeps: Sweeps, name: string): Sweep | undefined {
  return sweeps.list().find((sweep) => sweep.name === name);
}

/** What is not as it was: the sweep as written, or the code that its trials run. */
function changesOf(stored: Sweep, spec: SweepSpec): SpecChange[] {
  const now = codeVersionOf(spec.task);
  const code =
    now === stored.codeVersion
      ? []
      : [{ path: 'code version', before: stored.codeVersion.slice(0, 12), now: now.slice(0, 12) }];
  return [...specChanges(SweepSpec.parse(stored.spec), spec), ...code];
}

/** The sweep to carry out, and whether it is to be stored anew. @throws SweepChanged */
function settle(sweeps: Sweeps, spec: SweepSpec, flags: SweepFlags): { stored: Sweep; changed: boolean } {
  const known = existing(sweeps, spec.name);
  if (known === undefined) {
    const { name, project, retries } = spec;
    const codeVersion = codeVersionOf(spec.task);
    const stored = sweeps.create({
      project,
      name,
      spec: toJsonRecord(spec),
      codeVersion,
      maxAttempts: retries + 1,
    });
    return { stored, changed: false };
  }
  const changes = changesOf(known, spec);
  if (changes.length > 0 && flags.acceptChanges !== true) throw new SweepChanged(spec.name, changes);
  return { stored: known, changed: canonicalJson(known.spec) !== canonicalJson(spec) };
}

/** Waits for the lease of a scheduler that is known to be gone, and only for that. */
async function* patiently(start: () => AsyncGenerator<SweepEvent>, voice: Voice): AsyncGenerator<SweepEvent> {
  for (let told = false; ; told = true) {
    try {
      return yield* start();
    } catch (error) {
      const { code, owner } = error as { code?: unknown; owner?: unknown };
      if (code !== 'SWEEP_BUSY' || typeof owner !== 'string' || !isGone(owner)) throw error;
      if (!told) voice.say('the process that carried this sweep out is gone: waiting for its lease to end');
      await wait(250);
    }
  }
}

function viewOf(spec: SweepSpec, voice: Voice, flags: SweepFlags, trials: readonly SweepTrial[]): SweepView {
  const { stderr } = process;
  const live = stderr.isTTY === true && flags.quiet !== true;
  const terminal = {
    write: (text: string) => void stderr.write(text),
    get columns() {
      return stderr.columns ?? 80;
    },
  };
  const view = new SweepView({ spec, say: voice.say, terminal: live ? terminal : undefined });
  view.knows(trials.filter(({ state }) => state === 'COMPLETE'));
  return view;
}

function introduce({ name, id }: Sweep, spec: SweepSpec, voice: Voice): void {
  const { workers, sampler, pruner, objectives, seeds } = spec;
  const goals = objectives.map(({ metric, direction }) => `${direction} ${metric}`).join(', ');
  voice.say(`sweep    ${id} (${name}): ${sampler.kind}, ${goals}`);
  voice.say(
    `workers  ${workers}, ${count(threadsOf(spec), 'engine thread')} each` +
      `${pruner.kind === 'none' ? '' : `; pruner ${pruner.kind}`}${seeds.length > 1 ? `; seeds ${seeds.join(', ')}` : ''}`,
  );
}

/** Which validation samples the runs of completed trials had right. */
function answersIn(tracker: Tracker): StoredAnswers {
  return ({ runId }, step) => {
    if (runId === undefined) return undefined;
    const path = answersPath(step);
    const kept = tracker.getRun(runId).artifacts.some((artifact) => artifact.path === path);
    return kept ? tracker.readArtifact(runId, path) : undefined;
  };
}

/** What `--json` prints at the end. */
function answerOf(
  sweeps: Sweeps,
  stored: Sweep,
  spec: SweepSpec,
  last: SweepEvent | undefined,
  seconds: number,
) {
  const trials = sweeps.trials(stored.id);
  const ended = last?.type === 'finished' ? { status: last.status, counts: last.counts, why: last.why } : {};
  const best = bestOf(trials, spec.objectives).slice(0, 5);
  return { sweep: stored.id, name: stored.name, ...ended, seconds, best, home: atelierHome() };
}

function conclude(answer: ReturnType<typeof answerOf>, spec: SweepSpec, voice: Voice): void {
  const { name, status, counts, why, best } = answer;
  const { COMPLETE = 0, PRUNED = 0, FAILED = 0, QUEUED = 0 } = counts ?? {};
  const parts = [`${COMPLETE} complete`, `${PRUNED} pruned`, `${FAILED} failed`, `${QUEUED} to do`];
  voice.say(`\nsweep ${name} ${status}${why === 'done' ? '' : ` (${why})`}: ${parts.join(', ')}`);
  if (status !== 'FINISHED') voice.say(`go on with: npx atelier sweep resume ${name}`);
  if (best.length === 0) return;
  voice.say(`\n${bestLines(best, spec.objectives)}`);
  promotionLines(best[0]!, name).forEach((line) => voice.say(line));
}

async function carry(tracker: Tracker, spec: SweepSpec, flags: SweepFlags, voice: Voice): Promise<void> {
  const leaseMs = leaseOf(flags);
  const sweeps = openSweeps(tracker);
  const { stored, changed } = settle(sweeps, spec, flags);
  const plan = await plannerOf(spec, stored.codeVersion);
  introduce(stored, spec, voice);
  const [park, abort] = [new AbortController(), new AbortController()];
  const stopAtOnce = (): void => {
    voice.warn('stopping at once');
    abort.abort();
  };
  using interrupt = watchInterrupts(() => park.abort(), stopAtOnce);
  const view = viewOf(spec, voice, flags, sweeps.trials(stored.id));
  // a function's module is the user's own
  const loading = spec.task.kind === 'function' ? typescriptFlags() : [];
  const since = performance.now();
  const start = (): AsyncGenerator<SweepEvent> =>
    sweep({
      ...{ id: stored.id, spec, store: sweeps, owner: processName(), plan, leaseMs, changed },
      startWorker: () => startWorkerProcess(STARTER, [WORKER, String(stored.id), String(leaseMs)], loading),
      retryFailed: retriesOf(flags),
      storedAnswers: answersIn(tracker),
      ...{ park: park.signal, abort: abort.signal },
    });
  let last: SweepEvent | undefined;
  try {
    for await (const event of patiently(start, voice)) {
      view.show(event);
      last = event;
    }
  } finally {
    view.stop();
  }
  const answer = answerOf(sweeps, stored, spec, last, (performance.now() - since) / 1000);
  conclude(answer, spec, voice);
  if (flags.json === true) process.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
  const { COMPLETE, PRUNED = 0, FAILED = 0 } = answer.counts ?? {};
  const finished = answer.status === 'FINISHED';
  // paused with trials to do is no failure; every trial failed or diverged is
  const nothing = COMPLETE === 0 && (FAILED > 0 || (PRUNED > 0 && finished));
  process.exitCode = (finished ? 0 : interrupt.exitCode) || (nothing ? 1 : 0);
}

/** Carries a sweep out, or on, in the user's home, telling how it goes. */
export async function carryOut(spec: SweepSpec, flags: SweepFlags): Promise<void> {
  const voice = voiceOf(flags);
  using tracker = openRecords(atelierHome(), voice);
  await carry(tracker, spec, flags, voice);
}
