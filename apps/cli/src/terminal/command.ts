import { type Command, CommanderError } from 'commander';
import { styleText } from 'node:util';
import { EXIT_FAILURE, EXIT_OK, describeError, exitCodeOf } from './errors.ts';
import { tolerateLostOutput } from './output.ts';
import { printableLines } from './printable.ts';

function printError(error: unknown, debug: boolean): void {
  process.stderr.write(`${styleText('red', 'error:')} ${printableLines(describeError(error, debug))}\n`);
}

function eachCommand(command: Command, act: (command: Command) => void): void {
  act(command);
  for (const child of command.commands) eachCommand(child, act);
}

/**
 * Runs a commander program by the house rules: exit code 0, 1 (failure) or 2 (usage), no stack trace
 * unless `--debug` is given. Sets `process.exitCode` and returns it.
 */
export async function runProgram(program: Command, argv: readonly string[] = process.argv): Promise<number> {
  const debug = argv.includes('--debug');
  tolerateLostOutput();
  process.on('uncaughtException', (error) => {
    printError(error, debug);
    process.exit(EXIT_FAILURE);
  });
  eachCommand(program, (command) => command.exitOverride().option('--debug', 'show stack traces'));
  try {
    await program.parseAsync([...argv]);
    process.exitCode ??= EXIT_OK;
  } catch (error) {
    // commander has already printed its own usage errors
    if (!(error instanceof CommanderError)) printError(error, debug);
    process.exitCode = exitCodeOf(error);
  }
  return Number(process.exitCode);
}
