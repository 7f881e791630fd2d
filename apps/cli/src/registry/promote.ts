import {
  type Gate,
  GateInvalidError,
  parseGate,
  type Promotion,
  RegistryInputError,
  smokeCheckOf,
} from '@atelier/registry';
import { Argument, type Command } from 'commander';
import { readFileSync } from 'node:fs';
import { userPath } from '../terminal/home.ts';
import { toPrintedJson } from '../terminal/values.ts';
import { defaultName, openUserRegistryForWriting, parseVersion, registryVerb, typedCommand } from './open.ts';
import { verdictTable } from './text.ts';

interface PromoteOptions {
  readonly alias: string;
  readonly gate: string;
  readonly override?: boolean;
  readonly by?: string;
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

function readGate(typed: string): Gate {
  let text: string;
  try {
    text = readFileSync(userPath(typed), 'utf8');
  } catch (cause) {
    const why =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (cause as Error).message;
    throw new GateInvalidError(typed, why, undefined, cause);
  }
  return parseGate(text, typed);
}

/** An override has a name and a reason; both have to be typed. */
function overrideOf({ override, by, reason }: PromoteOptions): { reason: string } | undefined {
  if (override === true && by !== undefined && reason !== undefined) return { reason };
  if (override === true)
    throw new RegistryInputError('--override needs --by=<name> and --reason=<text>: the history keeps both');
  if (reason !== undefined) throw new RegistryInputError('--reason belongs to --override');
  return undefined;
}

function outcomeOf(
  { candidate, incumbent, verdict, moved, overridden, event }: Promotion,
  { alias, gate, dryRun }: PromoteOptions,
): string {
  const name = `${candidate.model} ${candidate.version}`;
  const from = incumbent === undefined ? '' : ` (against ${incumbent.version})`;
  if (overridden)
    return `${alias} is now ${name}, against ${gate}: overridden by ${event!.by}. Event ${event!.seq}, ${event!.hash}`;
  if (moved) return `${alias} is now ${name}${from}. Event ${event!.seq}, ${event!.hash}`;
  const blocked = verdict.predicates.filter(
    ({ outcome }) => outcome === 'failed' || outcome === 'unknown',
  ).length;
  if (dryRun && verdict.passed) return `${name} would pass ${gate}${from}; nothing was moved (--dry-run)`;
  return `${alias} did not move: ${name} does not pass ${gate}${from}, ${blocked} of ${verdict.predicates.length} do not hold`;
}

function headOf({ candidate, incumbent, evidence }: Promotion): string {
  const { inputs, measured } = evidence;
  const { testSet, dataset, split } = inputs;
  const other =
    incumbent === undefined
      ? 'nobody to compare with'
      : `against ${incumbent.version} (run ${incumbent.runName})`;
  return [
    `${candidate.model} ${candidate.version} (run ${candidate.runName}), ${other}`,
    `judged on ${split} of ${dataset.name} ${dataset.digest.slice(0, 12)}; the test split has been used ${testSet.uses === 1 ? 'once' : `${testSet.uses} times`}`,
    `smoke check: ${measured.smoke.status}: ${measured.smoke.detail}`,
    ...evidence.sentences,
  ].join('\n');
}

async function promote(model: string, version: number, options: PromoteOptions): Promise<void> {
  const gate = readGate(options.gate);
  const override = overrideOf(options);
  using registry = openUserRegistryForWriting();
  const promotion = await registry.promote({
    model,
    version,
    alias: options.alias,
    gate,
    by: options.by ?? defaultName(),
    override,
    dryRun: options.dryRun,
    smokeCheck: smokeCheckOf(registry.tracker),
    command: typedCommand(),
  });
  const text = `${headOf(promotion)}\n\n${verdictTable(promotion.verdict)}\n\n${outcomeOf(promotion, options)}`;
  process.stdout.write(`${options.json ? toPrintedJson(promotion) : text}\n`);
  const refused = options.dryRun ? !promotion.verdict.passed : !promotion.moved;
  if (refused) process.exitCode = 1;
}

export function promoteCommand(): Command {
  return registryVerb('promote', 'Move an alias to a version, if the gate lets it pass.', [
    'promote fashion 12 --alias=champion --gate=gates/champion.yaml',
    'promote fashion 12 --alias=champion --gate=gates/champion.yaml --dry-run',
    'promote fashion 12 --alias=champion --gate=gates/champion.yaml --override --by=ada --reason="new camera from Monday"',
  ])
    .argument('<model>', 'name of the model')
    .addArgument(new Argument('<version>', 'its number').argParser(parseVersion))
    .requiredOption('--alias <name>', 'the alias to move: champion, challenger, production or any other')
    .requiredOption('--gate <file>', 'YAML of what has to hold (docs/registry.md)')
    .option('--override', 'move it though the gate says no; needs --by and --reason')
    .option('--by <name>', 'who promotes (default: the name of the user of this machine)')
    .option('--reason <text>', 'why the gate is overridden')
    .option('--dry-run', 'judge only; a look at the test split counts all the same')
    .action(promote);
}
