import { TrackerInputError } from '@atelier/tracker';
import { Command } from 'commander';
import { printable } from '../terminal/printable.ts';
import { toPrintedJson } from '../terminal/values.ts';
import { openUserTracker } from './open.ts';
import { runIds } from './runs-argument.ts';

interface TagOptions {
  readonly add: string[];
  readonly remove: string[];
  readonly notes?: string;
  readonly json?: boolean;
}

const collect = (value: string, before: string[]): string[] => [...before, value];

function tag(typed: string[], { add, remove, notes, json }: TagOptions): void {
  using tracker = openUserTracker();
  if (add.length + remove.length === 0 && notes === undefined) {
    throw new TrackerInputError('nothing to do: give --add, --remove or --notes');
  }
  const ids = runIds(tracker, typed);
  for (const id of ids) tracker.annotate(id, { add, remove, notes: notes === '' ? null : notes });
  const changed = ids.map((id) => tracker.getRun(id)).map(({ id, name, tags }) => ({ id, name, tags }));
  if (json) process.stdout.write(`${toPrintedJson(changed)}\n`);
  else
    for (const { name, tags } of changed)
      process.stdout.write(`${printable(`${name}: ${tags.join(', ') || 'no tags'}`)}\n`);
}

export function tagCommand(): Command {
  return new Command('tag')
    .description('Add and remove tags, set notes; also of ended runs.')
    .argument('<runs...>', 'ids, names, or ranges of ids as 5-9')
    .option('--add <tag>', 'add this tag (may be given several times)', collect, [])
    .option('--remove <tag>', 'remove this tag (may be given several times)', collect, [])
    .option('--notes <text>', 'set the notes; an empty text removes them')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  npx atelier tag 12 --add=baseline\n  npx atelier tag 5-9 --remove=draft',
    )
    .action(tag);
}
