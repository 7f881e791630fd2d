import { describeError } from './errors.ts';

/**
 * Whoever reads our output may go away (`atelier ls | head`, a closed terminal), or the disk that it goes to may be full. What is
 * being done goes on to its end and is recorded as it ends: a reader that has enough is no failure, output that is lost is one.
 */
export function tolerateLostOutput(): void {
  let lost = false;
  const tell = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE' || lost) return;
    lost = true;
    process.stderr.write(`error: standard output cannot be written: ${describeError(error, false)}\n`);
  };
  process.stdout.on('error', tell);
  // nobody is left to be told
  process.stderr.on('error', () => {});
  process.once('exit', () => {
    if (lost) process.exitCode ||= 1;
  });
}
