import { describeEngines } from '@atelier/engine';
import { Command } from 'commander';
import { formatTable } from '../terminal/table.ts';

async function doctor(flags: { json?: boolean }): Promise<void> {
  const engines = await describeEngines();
  if (flags.json) {
    console.log(JSON.stringify(engines, null, 2));
    return;
  }
  const columns = ['engine', 'works', 'speed', 'threads', 'version'].map((title) => ({ title }));
  const rows = engines.map(({ name, available, speed, threads = '', version = '' }) => [
    ...[name, available ? 'yes' : 'no', speed, String(threads), version],
  ]);
  console.log(formatTable(columns, rows));
  for (const { name, bf16 } of engines) {
    if (bf16 !== undefined) console.log(`\n${name}: has the precision bf16 as well; here it is ${bf16}`);
  }
  for (const { name, reason, remedy } of engines) {
    if (reason !== undefined) console.log(`\n${name}: ${reason}\n  to get it: ${remedy ?? ''}`);
  }
  const fastest = engines.find(({ available }) => available);
  console.log(fastest === undefined ? '\nNo engine works.' : `\n"auto" takes ${fastest.name}.`);
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('try every engine and say which work, why the others do not, and how to get them')
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExamples\n  npx atelier engine doctor\n  npx atelier engine doctor --json')
    .action(doctor);
}
