import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

it.runIf(process.platform === 'linux')(
  'survives kill -9 of the sweep, of a worker, and of everything',
  async () => {
    const command = ['--import', 'tsx', 'apps/cli/bench/sweep-kill.ts', '--short', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: ROOT });
    const { wrong, kills, trials } = JSON.parse(stdout) as { wrong: string[]; kills: number; trials: number };
    expect({ wrong, kills, trials }).toEqual({ wrong: [], kills: 3, trials: 24 });
  },
  240_000,
);
