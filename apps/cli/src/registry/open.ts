import { openRegistry, type Registry } from '@atelier/registry';
import { databaseFile, TrackerAccessError } from '@atelier/tracker';
import { Command, InvalidArgumentError } from 'commander';
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { atelierHome } from '../terminal/home.ts';

/** Opens the user's registry to look at: for writing where that can be (it brings an older database up to date). */
export function openUserRegistry(): Registry {
  const home = atelierHome();
  if (!existsSync(databaseFile(home))) return openRegistry({ home, readonly: true });
  try {
    return openRegistry({ home });
  } catch (error) {
    if (!(error instanceof TrackerAccessError)) throw error;
    return openRegistry({ home, readonly: true });
  }
}

/** Opens the user's registry to write to. */
export function openUserRegistryForWriting(): Registry {
  return openRegistry({ home: atelierHome() });
}

/** Who the history names where `--by` says nobody else. */
export function defaultName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

export function parseVersion(text: string): number {
  const version = Number(text.replace(/^v/, ''));
  if (!Number.isInteger(version) || version < 1)
    throw new InvalidArgumentError('A version is a whole number from 1.');
  return version;
}

/** A verb below `registry`. */
export function registryVerb(name: string, description: string, examples: readonly string[]): Command {
  const lines = examples.map((example) => `  npx atelier registry ${example}`);
  return new Command(name)
    .description(description)
    .option('--json', 'print JSON; NaN and infinities as strings')
    .addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

/** What the look at the test split is counted as. */
export function typedCommand(): string {
  return process.argv.slice(2).join(' ');
}
