import { openSweeps } from '@atelier/tracker';
import { SweepInvalid, SweepSpec, timeLimitFrom } from '@atelier/train';
import type { Command } from 'commander';
import { atelierHome } from '../terminal/home.ts';
import { openRecords } from '../train/run-setup.ts';
import { carryOut, numbersOf, voiceOf } from './carry.ts';
import {
  describesSweep,
  type SweepFlags,
  sweepFrom,
  withExecutionOptions,
  withSweepOptions,
} from './flags.ts';
import { findSweep, sweepVerb } from './verb.ts';

function storedSpec(typed: string, flags: SweepFlags): SweepSpec {
  using tracker = openRecords(atelierHome(), voiceOf(flags));
  return SweepSpec.parse(findSweep(openSweeps(tracker), typed).spec);
}

function whole(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new SweepInvalid(`--${flag}`, `expected a whole number from 1, got "${text}"`);
}

/** How it is carried out may be said anew. */
function withExecution(spec: SweepSpec, flags: SweepFlags): SweepSpec {
  return SweepSpec.parse({
    ...spec,
    workers: whole('workers', flags.workers) ?? spec.workers,
    threads: whole('threads', flags.threads) ?? spec.threads,
    trials: whole('trials', flags.trials) ?? spec.trials,
    // of this sitting only
    timeLimit: timeLimitFrom(flags.timeLimit),
  });
}

/** The trials to be tried again. @throws SweepInvalid where one of them has not failed */
function checkRetries(typed: string, { retryFailed, retryTrials, ...flags }: SweepFlags): void {
  if (retryTrials === undefined) return;
  if (retryFailed === true)
    throw new SweepInvalid('--retry-trials', 'expected alone: --retry-failed tries all of them again');
  using tracker = openRecords(atelierHome(), voiceOf(flags));
  const sweeps = openSweeps(tracker);
  const trials = sweeps.trials(findSweep(sweeps, typed).id);
  const failed = trials.filter(({ state }) => state === 'FAILED').map(({ number }) => number);
  for (const number of numbersOf(retryTrials)) {
    if (failed.includes(number)) continue;
    const known = trials[number];
    const came = known === undefined ? `there is no trial ${number}` : `trial ${number} is ${known.state}`;
    const which = failed.length === 0 ? 'none has' : `these have: ${failed.join(', ')}`;
    throw new SweepInvalid('--retry-trials', `expected trials that FAILED (${which}); ${came}`);
  }
}

async function resume(typed: string, flags: SweepFlags): Promise<void> {
  const stored = storedSpec(typed, flags);
  checkRetries(typed, flags);
  if (!describesSweep(flags)) return carryOut(withExecution(stored, flags), flags);
  const { spec, notes } = sweepFrom({ ...flags, name: stored.name });
  notes.forEach((note) => voiceOf(flags).say(note));
  await carryOut(spec, flags);
}

/** `sweep resume`: runs what is missing. */
export function resumeCommand(): Command {
  const command = sweepVerb('resume', 'Go on with a sweep: exactly the trials that are missing.', [
    'resume seed-cnn-grid-3f9a1c',
    'resume 4 --workers=4 --time-limit=2h',
    'resume lr --file=sweep.yaml --accept-changes',
    'resume lr --retry-failed',
    'resume lr --retry-trials=3,17',
  ])
    .argument('<sweep>', 'its name or number')
    .option('--retry-failed', 'every FAILED trial gets one attempt more')
    .option('--retry-trials <numbers>', 'these FAILED trials get one attempt more: 3,17');
  return withExecutionOptions(withSweepOptions(command)).action(resume);
}
