import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

it.runIf(process.platform === 'linux')(
  'goes on from kill -9 of a run and of a sweep to the weights of a training nobody killed',
  async () => {
    const command = ['--import', 'tsx', 'apps/cli/bench/resume-kill.ts', '--short', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: ROOT });
    const { kills, equal } = JSON.parse(stdout) as { kills: number; equal: number };
    expect({ kills, equal }).toEqual({ kills: 2, equal: 2 });
  },
  240_000,
);
