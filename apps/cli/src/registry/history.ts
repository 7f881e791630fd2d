import {
  type Holding,
  parseSpan,
  type RegistryEvent,
  smokeCheckOf,
  type Verification,
} from '@atelier/registry';
import { type Command, Option } from 'commander';
import { formatTable } from '../terminal/table.ts';
import { formatTime, toPrintedJson } from '../terminal/values.ts';
import {
  defaultName,
  openUserRegistry,
  openUserRegistryForWriting,
  parseVersion,
  registryVerb,
} from './open.ts';

interface HistoryOptions {
  readonly alias?: string;
  readonly at?: string;
  readonly json?: boolean;
}

/** The part of an event's body that people ask for first. */
function remark({ kind, body }: RegistryEvent): string {
  const said = JSON.parse(body) as {
    from?: number;
    reason?: string;
    override?: { reason: string };
    gate?: { file: string };
    run?: { name: string };
  };
  if (kind === 'registered') return `run ${said.run?.name}`;
  if (kind === 'deleted') return said.reason ?? '';
  const from = said.from === undefined ? 'the first' : `from ${said.from}`;
  if (kind === 'rolled-back') return `${from}: ${said.reason}`;
  const how =
    said.override === undefined
      ? `passed ${said.gate?.file}`
      : `OVERRIDE of ${said.gate?.file}: ${said.override.reason}`;
  return `${from}, ${how}`;
}

function eventTable(events: readonly RegistryEvent[]): string {
  const columns = [
    { title: 'seq', align: 'right' },
    { title: 'when' },
    { title: 'what' },
    { title: 'version' },
    { title: 'alias' },
    { title: 'by' },
    { title: 'how' },
    { title: 'hash' },
  ] as const;
  const rows = events.map((event) => [
    String(event.seq),
    formatTime(event.at),
    event.kind,
    `${event.model} ${event.version}`,
    event.alias ?? '',
    event.by,
    remark(event),
    event.hash.slice(0, 12),
  ]);
  return formatTable([...columns], rows);
}

function holdingText({ model, alias, atBeginning, atEnd, moves }: Holding): string {
  const name = (version: number | undefined): string =>
    version === undefined ? 'nobody' : `version ${version}`;
  if (moves.length === 0) return `${alias} of ${model}: ${name(atEnd)}`;
  const steps = moves.map(({ at, version, kind }) => `${formatTime(at)} ${kind} to version ${version}`);
  return [
    `${alias} of ${model}: ${name(atBeginning)} at first, ${name(atEnd)} at last`,
    ...steps.map((step) => `  ${step}`),
  ].join('\n');
}

function history(model: string | undefined, { alias, at, json }: HistoryOptions): void {
  using registry = openUserRegistry();
  if (at !== undefined) {
    const holdings = registry.holdings(parseSpan(at), { model, alias });
    const text =
      holdings.length === 0 ? `no alias named anything at ${at}` : holdings.map(holdingText).join('\n');
    process.stdout.write(`${json ? toPrintedJson(holdings) : text}\n`);
    return;
  }
  const events = registry.events({ model, alias });
  if (events.length === 0 && model !== undefined) registry.holdings(parseSpan('2000-01-01'), { model });
  const text = events.length === 0 ? `no history in ${registry.tracker.home}` : eventTable(events);
  const full = events.map((event) => ({ ...event, body: JSON.parse(event.body) as unknown }));
  process.stdout.write(`${json ? toPrintedJson(full) : text}\n`);
}

export function historyCommand(): Command {
  return registryVerb('history', 'Every event of the registry, or who held an alias at a time.', [
    'history fashion',
    'history fashion --alias=champion --at=2026-11-20',
  ])
    .argument('[model]', 'only this model')
    .option('--alias <name>', 'only this alias')
    .option('--at <time>', 'a day (2026-11-20) or a moment (2026-11-20T14:30): who held which alias')
    .action(history);
}

function verificationText({ events, head, recomputed, problems }: Verification): string {
  const checked = `${events} event(s), evidence of ${recomputed} promotion(s) computed again from the ledgers`;
  if (problems.length === 0)
    return `${checked}: everything is as the history says\nhead ${head ?? '(no events)'}`;
  const lines = problems.map(
    ({ where, seq, what }) => `  ${where}${seq === undefined ? '' : ` of event ${seq}`}: ${what}`,
  );
  return [`${checked}: ${problems.length} thing(s) are not as the history says`, ...lines].join('\n');
}

function verify({ head, json }: { readonly head?: string; readonly json?: boolean }): void {
  using registry = openUserRegistry();
  const verification = registry.verify(head);
  process.stdout.write(`${json ? toPrintedJson(verification) : verificationText(verification)}\n`);
  if (verification.problems.length > 0) process.exitCode = 1;
}

export function verifyCommand(): Command {
  return registryVerb(
    'verify',
    'Check the chain of hashes, compute the evidence again, compare versions and files.',
    ['verify', 'verify --json'],
  )
    .option('--head <hash>', 'an event of this hash has to be part of the history')
    .action(verify);
}

interface RollbackOptions {
  readonly alias: string;
  readonly to?: number;
  readonly by?: string;
  readonly reason: string;
  readonly json?: boolean;
}

async function rollback(
  model: string,
  { by = defaultName(), json, ...request }: RollbackOptions,
): Promise<void> {
  using registry = openUserRegistryForWriting();
  const smokeCheck = smokeCheckOf(registry.tracker);
  const { event, from, smoke } = await registry.rollBack({ model, by, ...request, smokeCheck });
  const text = [
    `smoke check: ${smoke.status}: ${smoke.detail}`,
    `${event.alias} is back from ${model} ${from} to ${event.version}. Event ${event.seq}, ${event.hash}`,
  ].join('\n');
  process.stdout.write(`${json ? toPrintedJson({ from, smoke, event }) : text}\n`);
}

export function rollbackCommand(): Command {
  return registryVerb('rollback', 'Give an alias back to the version that held it before.', [
    'rollback fashion --alias=champion --reason="complaints about shirts"',
    'rollback fashion --alias=champion --to=9 --reason="back to the last of October"',
  ])
    .argument('<model>', 'name of the model')
    .requiredOption('--alias <name>', 'the alias to move back')
    .requiredOption('--reason <text>', 'why')
    .addOption(
      new Option('--to <version>', 'an earlier holder (default: the one before)').argParser(parseVersion),
    )
    .option('--by <name>', 'who rolls back (default: the name of the user of this machine)')
    .action(rollback);
}

function looks({ json }: { readonly json?: boolean }): void {
  using registry = openUserRegistry();
  const decisions = registry.decisions();
  const columns = [
    { title: 'when' },
    { title: 'split' },
    { title: 'dataset' },
    { title: 'runs' },
    { title: 'command' },
  ];
  const rows = decisions.map(({ at, split, datasetDigest, runA, runB, command }) => [
    formatTime(at),
    split,
    datasetDigest.slice(0, 12),
    runB === undefined ? String(runA) : `${runA}, ${runB}`,
    command,
  ]);
  const text = rows.length === 0 ? 'the test split has never been looked at' : formatTable(columns, rows);
  process.stdout.write(`${json ? toPrintedJson(decisions) : text}\n`);
}

export function looksCommand(): Command {
  return registryVerb('looks', 'Every look at a test split: which runs it judged, when, by which command.', [
    'looks',
    'looks --json',
  ]).action(looks);
}
