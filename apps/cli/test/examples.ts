import type { Command } from 'commander';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { atelier } from '../src/program.ts';
import { WORKSPACE_ROOT } from '../src/terminal/home.ts';

/** A line that somebody may copy. */
export interface Example {
  /** Where it stands. */
  readonly source: string;
  /** As printed. */
  readonly line: string;
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

function* commandsBelow(command: Command, name: string): Generator<[string, Command]> {
  yield [name, command];
  for (const child of command.commands) yield* commandsBelow(child, `${name} ${child.name()}`);
}

/** What stands indented under "Examples" in every --help. */
export function helpExamples(): Example[] {
  return [...commandsBelow(atelier(), 'atelier')].flatMap(([name, command]) => {
    const [, examples = ''] = helpOf(command).split(/^Examples?:?$/m);
    return [...examples.matchAll(/^ {2}(\S.*)$/gm)].map(([, line]) => ({
      source: `${name} --help`,
      line: line!.trim(),
    }));
  });
}

/** Lines of fenced blocks: every line where the block is `sh`, else those behind a `$`. */
function blockLines(language: string, block: string): string[] {
  const whole = block.replaceAll(/ *\\\n\s*/g, ' ').split('\n');
  return language === 'sh'
    ? whole.filter((line) => line.trim() !== '')
    : whole.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2));
}

/** What README and docs say to type. */
export function documentExamples(): Example[] {
  const inside = (folder: string): string[] => readdirSync(join(WORKSPACE_ROOT, folder)).sort();
  const files = [
    'README.md',
    ...inside('docs').map((name) => `docs/${name}`),
    ...['packages', 'apps'].flatMap((group) => inside(group).map((name) => `${group}/${name}/README.md`)),
  ].filter((file) => file.endsWith('.md') && existsSync(join(WORKSPACE_ROOT, file)));
  return files.flatMap((file) => {
    const text = readFileSync(join(WORKSPACE_ROOT, file), 'utf8');
    return [...text.matchAll(/^```(\w*)\n([^]*?)^```/gm)].flatMap(([, language, block]) =>
      blockLines(language!, block!).map((line) => ({ source: file, line })),
    );
  });
}
