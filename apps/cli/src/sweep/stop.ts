import { openSweeps, openTracker } from '@atelier/tracker';
import type { Command } from 'commander';
import { atelierHome } from '../terminal/home.ts';
import { findSweep, print, sweepVerb } from './verb.ts';

function stop(typed: string, { json }: { readonly json?: boolean }): void {
  using tracker = openTracker({ home: atelierHome() });
  const sweeps = openSweeps(tracker);
  const { id, name } = findSweep(sweeps, typed);
  sweeps.requestStop(id);
  const text = `sweep ${name} was asked to stop: its running trials finish their epoch and are put back`;
  print(json, { sweep: id, name, stopRequested: true }, text);
}

/** `sweep stop`: asks the process that carries a sweep out to pause it, from anywhere. */
export function stopCommand(): Command {
  return sweepVerb('stop', 'Ask a running sweep to pause; resume goes on with it.', [
    'stop seed-cnn-grid-3f9a1c',
  ])
    .argument('<sweep>', 'its name or number')
    .option('--json', 'print JSON')
    .action(stop);
}
