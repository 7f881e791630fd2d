import { openSweeps, openTracker, type Sweep, type Sweeps } from '@atelier/tracker';
import { Command } from 'commander';
import { atelierHome } from '../terminal/home.ts';

/** A verb below `sweep`. */
export function sweepVerb(name: string, description: string, examples: readonly string[]): Command {
  const lines = examples.map((example) => `  npx atelier sweep ${example}`);
  return new Command(name).description(description).addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

/** Calls `look` with the sweeps of the user's home, opened for reading only. */
export function withSweeps<Result>(look: (sweeps: Sweeps) => Result): Result {
  using tracker = openTracker({ home: atelierHome(), readonly: true });
  return look(openSweeps(tracker));
}

/** A number is an id, and also a name where no sweep has the id. */
export function findSweep(sweeps: Sweeps, typed: string): Sweep {
  return sweeps.get(/^\d+$/.test(typed) ? Number(typed) : typed);
}

export function print(json: boolean | undefined, value: unknown, text: string): void {
  process.stdout.write(`${json === true ? JSON.stringify(value, undefined, 2) : text}\n`);
}
