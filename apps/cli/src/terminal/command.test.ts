import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runProgram } from './command.ts';
import { describeError } from './errors.ts';

class Misspelt extends Error {
  readonly code = 'MISSPELT';
  readonly usage = true;
}

function programThat(action: () => void): Command {
  const program = new Command('probe').configureOutput({ writeErr: () => {} });
  program.command('go').action(action);
  return program;
}

describe('runProgram', () => {
  afterEach(() => {
    process.exitCode = undefined;
    vi.restoreAllMocks();
  });

  it.each([
    ['a clean end', () => {}, 0],
    [
      'a failure',
      () => {
        throw new Error('boom');
      },
      1,
    ],
    [
      'wrong input',
      () => {
        throw new Misspelt('no recipe "sed-cnn"');
      },
      2,
    ],
  ])('ends %s with its exit code', async (_, action, expected) => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await runProgram(programThat(action), ['node', 'probe', 'go'])).toBe(expected);
  });

  it('ends an unknown flag with 2', async () => {
    expect(
      await runProgram(
        programThat(() => {}),
        ['node', 'probe', 'go', '--nonsense'],
      ),
    ).toBe(2);
  });

  it('ends --help with 0', async () => {
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    expect(
      await runProgram(
        programThat(() => {}),
        ['node', 'probe', '--help'],
      ),
    ).toBe(0);
  });
});

describe('describeError', () => {
  it('keeps the stack for --debug', () => {
    const error = new Misspelt('no recipe "sed-cnn"');
    expect(describeError(error, false)).toBe('no recipe "sed-cnn"');
    expect(describeError(error, true)).toContain('command.test.ts');
  });

  it('says what a full disk means', () => {
    const error = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(describeError(error, false)).toContain('the disk is full');
  });
});
