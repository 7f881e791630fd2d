import type { Change, RegisteredModel, VersionDifference } from '@atelier/registry';
import { Argument, type Command } from 'commander';
import { formatTable } from '../terminal/table.ts';
import { formatNumber, formatTime, toPrintedJson } from '../terminal/values.ts';
import {
  defaultName,
  openUserRegistry,
  openUserRegistryForWriting,
  parseVersion,
  registryVerb,
} from './open.ts';

interface RegisterOptions {
  readonly run: string;
  readonly files?: string;
  readonly checkpoint?: string;
  readonly notes?: string;
  readonly by?: string;
  readonly json?: boolean;
}

function register(model: string, { run, json, by = defaultName(), ...rest }: RegisterOptions): void {
  using registry = openUserRegistryForWriting();
  const { version, created } = registry.register(registry.tracker.findRunId(run), { model, by, ...rest });
  const files = version.files.map(({ path, size }) => `${path} (${size} bytes)`).join(', ');
  const what = created ? 'is registered' : 'was registered already';
  const text = `${model} ${version.version} ${what}: run ${version.runName}, ${files}`;
  process.stdout.write(`${json ? toPrintedJson({ ...version, created }) : text}\n`);
}

export function registerCommand(): Command {
  return registryVerb('register', 'Make the model files of a run the next version of a model.', [
    'register fashion --run=seed-cnn-12',
    'register fashion --run=12 --files=model/ --notes="with label smoothing"',
  ])
    .argument('<model>', 'name of the model; a new one is made')
    .requiredOption('--run <run>', 'id or name of an ended run')
    .option('--files <prefix>', 'artifacts whose path begins so', 'model/')
    .option('--checkpoint <name>', 'of the ledgers that judge it (default: of the newest test ledger)')
    .option('--notes <text>', 'for people')
    .option('--by <name>', 'who registers (default: the name of the user of this machine)')
    .action(register);
}

function modelTable({ name, versions }: RegisteredModel): string {
  const columns = [
    { title: 'version', align: 'right' },
    { title: 'aliases' },
    { title: 'run' },
    { title: 'registered' },
    { title: 'bytes', align: 'right' },
    { title: 'dataset' },
    { title: 'notes' },
  ] as const;
  const rows = versions.map((version) => [
    String(version.version),
    version.aliases.join(', '),
    `${version.runName} (${version.runId})`,
    formatTime(version.createdAt),
    String(version.files.reduce((sum, { size }) => sum + size, 0)),
    version.datasetDigest?.slice(0, 12) ?? '',
    version.notes ?? '',
  ]);
  return `${name}\n${formatTable([...columns], rows)}`;
}

function ls(model: string | undefined, { json }: { readonly json?: boolean }): void {
  using registry = openUserRegistry();
  const models = registry.models().filter(({ name }) => model === undefined || name === model);
  if (model !== undefined && models.length === 0) registry.version(model, 1);
  if (json) process.stdout.write(`${toPrintedJson(models)}\n`);
  else if (models.length === 0) process.stdout.write(`no models in ${registry.tracker.home}\n`);
  else process.stdout.write(`${models.map(modelTable).join('\n\n')}\n`);
}

export function lsVersionsCommand(): Command {
  return registryVerb('ls', 'List models, their versions and who holds which alias.', [
    'ls',
    'ls fashion --json',
  ])
    .argument('[model]', 'only this model')
    .action(ls);
}

interface SaidOptions {
  readonly by?: string;
  readonly reason: string;
  readonly json?: boolean;
}

function remove(model: string, version: number, { by = defaultName(), reason, json }: SaidOptions): void {
  using registry = openUserRegistryForWriting();
  registry.remove(model, version, { by, reason });
  const text = `${model} ${version} is deleted; its number is not given again`;
  process.stdout.write(`${json ? toPrintedJson({ model, version, deleted: true }) : text}\n`);
}

export function removeVersionCommand(): Command {
  return registryVerb('rm', 'Take a version out of use. Its number and its history stay.', [
    'rm fashion 11 --reason="trained on the wrong labels"',
  ])
    .argument('<model>', 'name of the model')
    .addArgument(new Argument('<version>', 'its number').argParser(parseVersion))
    .requiredOption('--reason <text>', 'why')
    .option('--by <name>', 'who deletes (default: the name of the user of this machine)')
    .action(remove);
}

function section<T>(
  title: string,
  changes: readonly Change<T>[],
  format: (value: T) => string,
  pair: readonly string[],
): string[] {
  if (changes.length === 0) return [];
  const columns = [{ title }, { title: pair[0]! }, { title: pair[1]! }];
  const cell = (value: T | undefined): string => (value === undefined ? '' : format(value));
  return [
    formatTable(
      columns,
      changes.map(({ name, a, b }) => [name, cell(a), cell(b)]),
    ),
  ];
}

function differenceText({ a, b, settings, metrics, files, origin, evidence }: VersionDifference): string {
  const pair = [`${a.model} ${a.version} (${a.runName})`, `${b.model} ${b.version} (${b.runName})`];
  const parts = [
    ...section('setting', settings, String, pair),
    ...section('metric', metrics, formatNumber, pair),
    ...section('evidence', evidence, formatNumber, pair),
    ...section('origin', origin, String, pair),
    ...section('file', files, ({ sha256, size }) => `${sha256.slice(0, 12)}, ${size} bytes`, pair),
  ];
  return parts.length === 0
    ? `${pair.join(' and ')} differ in nothing that was recorded`
    : parts.join('\n\n');
}

function diff(model: string, a: number, b: number, { json }: { readonly json?: boolean }): void {
  using registry = openUserRegistry();
  const difference = registry.diff(model, a, b);
  process.stdout.write(`${json ? toPrintedJson(difference) : differenceText(difference)}\n`);
}

export function diffCommand(): Command {
  return registryVerb(
    'diff',
    'What two versions do not have in common: settings, metrics, evidence, origin, files.',
    ['diff fashion 11 12'],
  )
    .argument('<model>', 'name of the model')
    .addArgument(new Argument('<a>', 'a version').argParser(parseVersion))
    .addArgument(new Argument('<b>', 'another').argParser(parseVersion))
    .action(diff);
}
