import { Command } from 'commander';
import { formatTable } from '../terminal/table.ts';
import { toPrintedJson } from '../terminal/values.ts';
import { openUserTracker } from './open.ts';

function doctor({ json }: { readonly json?: boolean }): void {
  using tracker = openUserTracker();
  const findings = tracker.examine();
  const bad = findings.some(({ state }) => state === 'bad');
  if (json) process.stdout.write(`${toPrintedJson({ sound: !bad, findings })}\n`);
  else {
    const columns = ['state', 'check', 'found', 'what to do'].map((title) => ({ title }));
    const rows = findings.map(({ state, check, found, advice }) => [state, check, found, advice ?? '']);
    process.stdout.write(`${formatTable(columns, rows)}\n`);
  }
  if (bad) process.exitCode = 1;
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'Look the database and its files over; changes nothing. Exit code 1 where something is damaged.',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  npx atelier doctor')
    .action(doctor);
}
