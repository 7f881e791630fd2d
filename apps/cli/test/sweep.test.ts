import { removeFolder } from '@atelier/tracker/testing/home';
import { openSweeps, openTracker, type SweepTrial } from '@atelier/tracker';
import { writeTinyDataset } from '@atelier/train/testing/tiny-dataset';
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENTRY } from '../src/terminal/entry.ts';

const SMALL = [
  '--recipe=seed-cnn',
  '--engine=cpu',
  '--validation=30',
  '--batch-size=20',
  '--epochs=2',
  '--set=model.filters=[4]',
  '--set=model.blockDropout=[0.25]',
  '--set=model.dense=[8]',
  '--set=model.denseDropout=[0]',
];
const GRID = [
  '--sampler=grid',
  '--space',
  'optimizer.learningRate=0.003,0.01',
  '--space',
  'model.dropout=0,0.2',
];

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let home: string;
let data: string;
let quadratic: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'atelier-sweep-test-'));
  data = `--dataset=${await writeTinyDataset(home)}`;
  quadratic = join(home, 'quadratic.ts');
  writeFileSync(
    quadratic,
    `export default async ({ x }: { x: number }, { report }: { report(step: number, value: number): Promise<void> }) => {
       for (let step = 1; step <= 200; step++) {
         await report(step, x * x);
         await new Promise((resolve) => setTimeout(resolve, 20));
       }
       return x * x;
     };`,
  );
});
afterAll(() => removeFolder(home));

/** Runs `train sweep` in a process of its own; `interruptAt` sends SIGINT when that text shows up. */
function sweep(flags: readonly string[], interruptAt?: string): Promise<Ended> {
  const child = spawn(process.execPath, [ENTRY, 'sweep', ...flags], {
    env: { ...process.env, ATELIER_HOME: home },
  });
  let stdout = '';
  let stderr = '';
  let interrupted = false;
  const watch = (): void => {
    if (interruptAt === undefined || interrupted || !`${stdout}${stderr}`.includes(interruptAt)) return;
    interrupted = true;
    child.kill('SIGINT');
  };
  child.stdout.on('data', (text: Buffer) => ((stdout += text.toString()), watch()));
  child.stderr.on('data', (text: Buffer) => ((stderr += text.toString()), watch()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

function trialsOf(name: string): SweepTrial[] {
  using tracker = openTracker({ home, readonly: true });
  const sweeps = openSweeps(tracker);
  return sweeps.trials(sweeps.get(name).id, { reports: true });
}

describe('train sweep', () => {
  it('runs a grid as runs of the tracker, again runs nothing, and widened runs the new cells', async () => {
    const flags = [...SMALL, data, ...GRID, '--workers=2', '--name=grid', '--json'];
    const first = await sweep(flags);
    expect({ code: first.code, stderr: first.code === 0 ? '' : first.stderr }).toEqual({
      code: 0,
      stderr: '',
    });
    const answer = JSON.parse(first.stdout) as {
      status: string;
      counts: Record<string, number>;
      best: { runId: number }[];
    };
    expect(answer).toMatchObject({ status: 'FINISHED', counts: { COMPLETE: 4, FAILED: 0 } });

    const trials = trialsOf('grid');
    using tracker = openTracker({ home, readonly: true });
    for (const { runId, values, reports, number } of trials) {
      const run = tracker.getRun(runId!);
      expect(run).toMatchObject({
        status: 'FINISHED',
        group: 'grid',
        tags: ['sweep', `trial-${number}`],
        engine: 'cpu',
      });
      expect(run.metrics['val/accuracy']).toBe(values[0]);
      expect(reports.map(({ step }) => step)).toEqual([1, 2]);
      expect(run.artifacts.map(({ path }) => path)).toContain('model/weights.bin');
    }
    expect(new Set(trials.map(({ runId }) => runId)).size).toBe(4);
    expect(answer.best[0]!.runId).toBe(
      [...trials].sort((a, b) => b.values[0]! - a.values[0]! || a.number - b.number)[0]!.runId,
    );

    const again = await sweep(flags);
    expect(again.code).toBe(0);
    expect(trialsOf('grid')).toEqual(trials);

    const wide = flags.map((flag) => flag.replace('model.dropout=0,0.2', 'model.dropout=0,0.2,0.4'));
    const refused = await sweep(wide);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('space.parameters.model.dropout.values: was [0,0.2], is [0,0.2,0.4]');
    expect((await sweep([...wide, '--accept-changes'])).code).toBe(0);
    const widened = trialsOf('grid');
    expect(widened).toHaveLength(6);
    expect(widened.slice(0, 4)).toEqual(trials);

    // another sweep takes equal trials over, and says so
    const other = await sweep([...SMALL, data, ...GRID, '--name=other']);
    expect(other.stdout.match(/taken over from trial \d+: equal work, not done again/g)).toHaveLength(4);
    expect(
      trialsOf('other')
        .map(({ runId }) => runId)
        .sort(),
    ).toEqual(trials.map(({ runId }) => runId).sort());
  }, 240_000);

  it('parks on Ctrl-C, says so, and goes on with the rest', async () => {
    const flags = [
      `--objective=${quadratic}`,
      '--space',
      'x=-1..1',
      '--sampler=grid',
      '--workers=2',
      '--name=parked',
    ];
    const { code, stdout } = await sweep(flags, 'worker 0 is ready');
    expect(code).toBe(130);
    expect(stdout).toContain('stopping: running trials finish their epoch and are put back');
    expect(stdout).toContain('go on with: npx atelier sweep resume parked');
    expect(trialsOf('parked').every(({ state, attempts }) => state === 'QUEUED' && attempts === 0)).toBe(
      true,
    );
    const resumed = await sweep(['resume', 'parked']);
    expect(resumed.code).toBe(0);
    expect(trialsOf('parked').map(({ values }) => values[0])).toEqual([1, 0, 1]);
  }, 120_000);

  it('tries failed trials again where it is told to', async () => {
    const module = join(home, 'needs-a-file.ts');
    const file = join(home, 'the-file');
    writeFileSync(
      module,
      `import { existsSync } from 'node:fs';
       export default async ({ x }: { x: number }) => {
         if (x > 1 && !existsSync(${JSON.stringify(file)})) throw new Error('no file');
         return x;
       };`,
    );
    const space = ['--space', 'x=1..3', '--sampler=grid', '--workers=1', '--retries=0'];
    expect((await sweep([`--objective=${module}`, ...space, '--name=files'])).code).toBe(0);
    const states = () => trialsOf('files').map(({ state, attempts }) => `${state} ${attempts}`);
    expect(states()).toEqual(['COMPLETE 1', 'FAILED 1', 'FAILED 1']);
    const refused = await sweep(['resume', 'files', '--retry-trials=0']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('expected trials that FAILED (these have: 1, 2); trial 0 is COMPLETE');
    writeFileSync(file, '');
    const one = await sweep(['resume', 'files', '--retry-trials=2']);
    expect({ code: one.code, said: one.stdout.match(/tried again.*/)?.[0] }).toEqual({
      code: 0,
      said: 'tried again: trial 2',
    });
    expect(states()).toEqual(['COMPLETE 1', 'FAILED 1', 'COMPLETE 2']);
    expect((await sweep(['resume', 'files', '--retry-failed'])).code).toBe(0);
    expect(states()).toEqual(['COMPLETE 1', 'COMPLETE 2', 'COMPLETE 2']);
  }, 120_000);

  it('takes a diverged training for an outcome, not for a failure to try again', async () => {
    const wild = [
      '--sampler=grid',
      '--space',
      'optimizer.learningRate=0.003,1e30',
      '--set=model.batchNorm=false',
    ];
    const { code, stdout } = await sweep([...SMALL, data, ...wild, '--workers=1', '--name=wild']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/trial 1 {2}PRUNED {4}diverged: the loss is NaN at step \d+/);
    const [calm, diverged] = trialsOf('wild');
    expect(calm!.state).toBe('COMPLETE');
    expect(diverged).toMatchObject({ state: 'PRUNED', attempts: 1 });
    using tracker = openTracker({ home, readonly: true });
    expect(tracker.getRun(diverged!.runId!).status).toBe('PRUNED');
  }, 120_000);

  it('shows, lists and tells of a sweep from elsewhere', async () => {
    const shown = await sweep(['show', 'parked']);
    expect(shown.stdout).toContain('3 of 3 trials complete');
    const status = JSON.parse((await sweep(['status', 'parked', '--json'])).stdout) as object;
    expect(status).toMatchObject({
      status: 'FINISHED',
      counts: { COMPLETE: 3 },
      best: { values: [0], parameters: { x: 0 } },
    });
    const listed = JSON.parse((await sweep(['ls', '--json'])).stdout) as { name: string }[];
    expect(listed.map(({ name }) => name)).toContain('parked');
    const misspelt = await sweep(['status', 'parkd']);
    expect(misspelt).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean parked?') as string,
    });
  }, 120_000);

  it('says what it would do, and makes nothing', async () => {
    const flags = [...SMALL, data, ...GRID, '--dry-run', '--name=dry'];
    const { stdout, code } = await sweep(flags);
    expect(code).toBe(0);
    expect(stdout).toContain('sweep dry: 4 trials, 4 of them complete already');
    const json = JSON.parse((await sweep([...flags, '--seeds=2', '--json'])).stdout) as object;
    expect(json).toMatchObject({ total: 8, complete: 4 });
    expect(() => trialsOf('dry')).toThrow('no sweep "dry"');
  }, 120_000);

  it('ends wrong input with 2', async () => {
    const { code, stdout, stderr } = await sweep(['--space', 'optimizer.learningRte=1,2']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('no setting "optimizer.learningRte"; the nearest is "optimizer.learningRate"');
  });

  it('refuses a sweep that another process carries out', async () => {
    const flags = [
      `--objective=${quadratic}`,
      '--space',
      'x=5..7',
      '--sampler=grid',
      '--workers=1',
      '--name=busy',
    ];
    let second: Promise<Ended> | undefined;
    const first = spawn(process.execPath, [ENTRY, 'sweep', ...flags], {
      env: { ...process.env, ATELIER_HOME: home },
    });
    const ended = new Promise<number | null>((resolve) => first.on('close', resolve));
    first.stdout.on('data', (text: Buffer) => {
      if (text.toString().includes('worker 0 is ready')) second ??= sweep(flags);
    });
    while (second === undefined && first.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const { code, stderr } = (await second)!;
    expect(code).toBe(1);
    expect(stderr).toContain('sweep "busy" is being run by');
    await sweep(['stop', 'busy']);
    expect(await ended).toBe(0);
    using tracker = openTracker({ home, readonly: true });
    expect(openSweeps(tracker).get('busy').status).toBe('STOPPED');
  }, 120_000);
});
