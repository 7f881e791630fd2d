import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgramTo } from './programs.ts';

interface WheelDownload {
  /** How to start Python. */
  readonly python: readonly string[];
  /** SHA-256 of the file by `name==version`. */
  readonly wheels: Readonly<Record<string, string>>;
  /** Where the files go. */
  readonly scratch: string;
  /** Which file of a package, where it is not the one for this Python. */
  readonly options?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Downloads wheels from PyPI; pip refuses a file whose digest is another. @throws EngineInstallError */
export async function downloadWheels(
  what: string,
  { python, wheels, scratch, options = [], signal }: WheelDownload,
): Promise<void> {
  const list = join(scratch, 'requirements.txt');
  const lines = Object.entries(wheels).map(([name, digest]) => `${name} --hash=sha256:${digest}\n`);
  await writeFile(list, lines.join(''));
  const fetch = [...python, '-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--quiet'];
  const checked = [...fetch, '--require-hashes', '--dest', scratch, ...options, '-r', list];
  await runProgramTo(what, checked, scratch, signal);
}
