import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { STARTER, WORKSPACE_ROOT } from '@atelier/cli';
import type { StartSweep } from '../server/sweep-resume.ts';

/** The command line that a person would type: the dashboard knows no training, only where it is started. */
const TRAIN = join(WORKSPACE_ROOT, 'packages/train/src/cli/main.ts');

/** Runs `sweep resume` beside the server, its words in `<home>/logs/`; undefined where the command is not there. */
export function sweepStarter(home: string): StartSweep | undefined {
  if (!existsSync(TRAIN)) return undefined;
  return (id) => {
    mkdirSync(join(home, 'logs'), { recursive: true });
    const file = join(home, 'logs', `sweep-${id}.log`);
    const log = openSync(file, 'w');
    const child = spawn(process.execPath, [STARTER, TRAIN, 'sweep', 'resume', String(id)], {
      cwd: WORKSPACE_ROOT,
      env: { ...process.env, ATELIER_HOME: home },
      // it is not the server's: Ctrl-C here leaves it alone, the page's Stop parks it
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.unref();
    const ended = new Promise<number>((resolve) => {
      child.once('error', () => resolve(1));
      child.once('exit', (code) => resolve(code ?? 1));
    });
    return { ended, words: () => readFileSync(file, 'utf8') };
  };
}
