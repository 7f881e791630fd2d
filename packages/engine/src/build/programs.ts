import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { EngineInstallError } from '../errors.ts';

const execute = promisify(execFile);

/** True when the program starts and says its version. */
export async function answers(program: readonly string[]): Promise<boolean> {
  const [file, ...args] = program as [string, ...string[]];
  return execute(file, [...args, '--version']).then(
    () => true,
    () => false,
  );
}

/** The first of several ways to start a program that works here. */
export async function firstThatAnswers(
  candidates: readonly (readonly string[])[],
): Promise<readonly string[] | undefined> {
  for (const candidate of candidates) if (await answers(candidate)) return candidate;
  return undefined;
}

/**
 * Runs a program to its end.
 * @throws EngineInstallError with the last lines that it printed.
 */
export function runProgramTo(
  what: string,
  program: readonly string[],
  cwd: string,
  signal?: AbortSignal,
): Promise<void> {
  const [file, ...args] = program as [string, ...string[]];
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal ? { signal } : {}),
    });
    let tail = '';
    const keep = (text: Buffer): void => {
      tail = (tail + text.toString()).slice(-2000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (cause) =>
      reject(signal?.aborted ? signal.reason : new EngineInstallError(what, cause.message, { cause })),
    );
    child.on('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new EngineInstallError(
            what,
            `${file} ended with ${code}:\n${tail.trim().split('\n').slice(-6).join('\n')}`,
          ),
        );
    });
  });
}
