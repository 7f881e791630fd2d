import { removeFolder } from '@atelier/tracker/testing/home';
import { openTracker } from '@atelier/tracker';
import { writeTinyDataset } from '@atelier/train/testing/tiny-dataset';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENTRY } from '../src/terminal/entry.ts';
import { WORKSPACE_ROOT } from '../src/terminal/home.ts';

const NX = createRequire(import.meta.url).resolve('nx/bin/nx.js');
const SMALL = ['--engine=cpu', '--threads=1', '--epochs=1', '--validation=30', '--batch-size=20', '--quiet'];
const SMALL_MODEL = [
  '--set=model.filters=[4]',
  '--set=model.blockDropout=[0]',
  '--set=model.dense=[8]',
  '--set=model.denseDropout=[0]',
];

let home: string;
let data: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'atelier-nx-'));
  data = `--dataset=${await writeTinyDataset(home)}`;
});
afterAll(() => removeFolder(home));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** As somebody at a terminal starts it: not from inside another nx, as `nx test` starts this test. */
function start(args: readonly string[], cwd: string): ChildProcess {
  const outer = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('NX_') && !['INIT_CWD', 'FORCE_COLOR'].includes(name),
  );
  return spawn(process.execPath, args, {
    cwd,
    env: { ...Object.fromEntries(outer), ATELIER_HOME: home, NO_COLOR: '1' },
    detached: true,
  });
}

function ended(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout!.on('data', (text) => (stdout += String(text)));
  child.stderr!.on('data', (text) => (stderr += String(text)));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

const nx = (args: readonly string[], cwd = WORKSPACE_ROOT): Promise<Ended> =>
  ended(start([NX, ...args], cwd));

const run = <T>(
  name: string,
  pick: (found: ReturnType<ReturnType<typeof openTracker>['getRun']>) => T,
): T => {
  using tracker = openTracker({ home, readonly: true });
  return pick(tracker.getRun(tracker.findRunId(name)));
};

describe('nx run', () => {
  it('hands every flag on: before and after --, and those that nx knows itself', async () => {
    const before = ['run', 'train:run', data, '--name=before', ...SMALL.filter((flag) => flag !== '--quiet')];
    expect(await nx([...before, '--quiet', ...SMALL_MODEL])).toMatchObject({ code: 0, stderr: '' });
    expect(run('before', ({ parameters }) => parameters)).toMatchObject({
      batchSize: 20,
      'model.filters': '[4]',
    });
    const both = ['run', 'train:run', data, '--recipe=quick-cnn', '--name=both', '--', ...SMALL];
    expect(await nx(both)).toMatchObject({ code: 0, stderr: '' });
    expect(run('both', ({ parameters }) => parameters)).toMatchObject({ batchSize: 20 });
    expect(run('both', ({ environment }) => environment.command)).toContain('--recipe=quick-cnn');
  });

  it('runs no shell: quotes, backquotes, dollars, blanks and < arrive as typed', async () => {
    const name = 'cost $5, `echo RAN` "x" <= 20 > y [1, 2]';
    const flags = ['--set', 'model.filters=[4, 8]', '--set', 'model.blockDropout=[0, 0]', '--name', name];
    expect(await nx(['run', 'train:run', data, ...flags, ...SMALL])).toMatchObject({ code: 0 });
    expect(run(name, (found) => [found.name, found.parameters['model.filters']])).toEqual([name, '[4,8]']);
    const constraint = [
      '--constraint',
      'optimizer.learningRate * batchSize <= 20',
      '--trials=2',
      '--dry-run',
    ];
    const space = ['--space', 'optimizer.learningRate=log:1e-4..1e-2', '--space', 'batchSize=10,20'];
    const sweep = await nx([
      'run',
      'train:sweep',
      '--recipe=quick-cnn',
      data,
      '--validation=30',
      ...space,
      ...constraint,
    ]);
    expect(sweep).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(join(WORKSPACE_ROOT, '='))).toBe(false);
    const filter = await nx(['run', 'tracker:query', '`engine.threads` = 1 and name = "before"']);
    expect(filter).toMatchObject({ code: 0, stdout: expect.stringContaining('before') });
  });

  it('prints what the program prints and nothing else, and keeps its exit code', async () => {
    const direct = await ended(start([ENTRY, 'ls', '--json'], home));
    expect(await nx(['run', 'tracker:ls', '--json'])).toEqual(direct);
    expect(JSON.parse(direct.stdout)).toBeInstanceOf(Array);
    expect(await nx(['run', 'tracker:ls', '--', '--json', '--limit=1'])).toMatchObject({ code: 0 });
    expect(await nx(['ls', 'tracker', '--json'])).toEqual(direct);
    for (const args of [['--nope'], ['--limit=0'], ['--filter=sed = 1']]) {
      expect(await nx(['run', 'tracker:ls', ...args])).toEqual(
        await ended(start([ENTRY, 'ls', ...args], home)),
      );
    }
    const help = await nx(['run', 'train:sweep', '--help']);
    expect(help).toEqual(await ended(start([ENTRY, 'sweep', '--help'], home)));
  });

  it('passes on what nx keeps for itself, or says that nx keeps it', async () => {
    // "train" is a project of nx as well
    for (const project of ['fashion', 'train']) {
      const { code, stdout, stderr } = await nx(['run', 'tracker:ls', `--project=${project}`]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(`npx atelier ls --project=${project}`);
    }
    const behind = await nx(['run', 'tracker:ls', '--', '--project=none', '--json']);
    expect(behind).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
    for (const flag of ['--batch', '--parallel=3', '--skip-nx-cache', '--verbose']) {
      expect(await nx(['run', 'tracker:ls', flag])).toMatchObject({ code: 2, stdout: '' });
    }
  });

  it('ends a run as KILLED with 130 on Ctrl-C', async () => {
    const flags = ['--epochs=500', '--name=stopped', '--validation=30', '--batch-size=20', '--engine=cpu'];
    const child = start([NX, 'run', 'train:run', data, ...flags, ...SMALL_MODEL], WORKSPACE_ROOT);
    const end = ended(child);
    let text = '';
    child.stdout!.on('data', (more) => (text += String(more)));
    await expect.poll(() => text).toContain('(stopped)');
    // a terminal sends it to everyone
    process.kill(-child.pid!, 'SIGINT');
    expect(await end).toMatchObject({ code: 130 });
    expect(run('stopped', ({ status }) => status)).toBe('KILLED');
  });
});

describe('files go where the user stands', () => {
  it('in a subfolder, by an nx that no npm started', async () => {
    const folder = mkdtempSync(join(WORKSPACE_ROOT, 'apps/cli/dist/stand-'));
    try {
      const flags = ['--format=jsonl', '--out=./there.jsonl'];
      expect(await nx(['run', 'tracker:export', ...flags], folder)).toMatchObject({ code: 0 });
      expect(existsSync(join(folder, 'there.jsonl'))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('in an npm script that changes folder', async () => {
    const folder = mkdtempSync(join(home, 'script-'));
    mkdirSync(join(folder, 'work'));
    const go = `cd work && node ${ENTRY} export --format=jsonl --out=./here.jsonl`;
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, scripts: { go } }));
    const npm = process.env['npm_execpath'] ?? '/usr/bin/npm';
    const [file, args] = npm.endsWith('.js') ? [process.execPath, [npm]] : [npm, []];
    const child = spawn(file, [...args, 'run', '-s', 'go'], {
      cwd: folder,
      env: { ...process.env, ATELIER_HOME: home },
    });
    expect(await ended(child)).toMatchObject({ code: 0 });
    expect(existsSync(join(folder, 'work/here.jsonl'))).toBe(true);
  });
});
