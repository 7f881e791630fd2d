import type { StartSweep } from '@atelier/dashboard';
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENTRY } from '../terminal/entry.ts';
import { WORKSPACE_ROOT } from '../terminal/home.ts';

/** Runs `sweep resume` beside the server, its words in `<home>/logs/`; the dashboard itself knows no training. */
export function sweepStarter(home: string): StartSweep {
  return (id) => {
    mkdirSync(join(home, 'logs'), { recursive: true, mode: 0o700 });
    const file = join(home, 'logs', `sweep-${id}.log`);
    const log = openSync(file, 'w');
    const child = spawn(process.execPath, [ENTRY, 'sweep', 'resume', String(id)], {
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
