import { makeHome, runChild } from '@atelier/tracker/testing/home';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ENTRY } from '../src/terminal/entry.ts';

it(
  'the verbs of the command line do what they say, by the name of atelier',
  { timeout: 400_000 },
  async () => {
    const home = makeHome();
    const run = (...args: string[]) => {
      const env = { ...process.env, ATELIER_HOME: home, NO_COLOR: '1' };
      const { status, stdout, stderr } = spawnSync(process.execPath, [ENTRY, ...args], {
        encoding: 'utf8',
        env,
      });
      return { status, out: stdout, err: stderr };
    };
    for (const seed of [1, 2, 3]) expect((await runChild('record-seed', home, String(seed))).code).toBe(0);

    expect(run('query', 'seed >= 2').out).toBe('3\tseed-3\n2\tseed-2\n');
    const listed = run(
      'ls',
      '--filter=val/accuracy > 0.7',
      '--sort=val/accuracy:asc',
      '--columns=seed,min(val/accuracy)',
    );
    expect(listed.out).toMatch(/seed +min\(val\/accuracy\)\n[- ]+\n.* 1 +0\.71\n.* 2 +0\.72\n.* 3 +0\.73/);
    expect(run('ls', '--families').out).toMatch(
      /seed-3 +3 +3 2 1 +val\/accuracy +0\.72 +0\.01 +0\.695159 to 0\.744841/,
    );
    expect(run('ls', '--filter=sed = 1')).toMatchObject({
      status: 2,
      err: expect.stringContaining('Did you mean seed'),
    });

    expect(run('tag', '1-2', '--add=base line').out).toBe('seed-2: base line\nseed-1: base line\n');
    expect(JSON.parse(run('query', 'tag = "base line"', '--json').out)).toEqual({ total: 2, ids: [2, 1] });
    expect(run('tag', '1')).toMatchObject({ status: 1, err: expect.stringContaining('nothing to do') });

    expect(run('rm', 'seed-2').out).toContain('1 run in the trash');
    expect(run('query', '').out).toBe('3\tseed-3\n1\tseed-1\n');
    expect(run('gc', '--dry-run').out).toContain('would remove 1 run');
    expect(run('restore', '2').out).toContain('1 run restored');
    expect(run('restore', '2')).toMatchObject({
      status: 2,
      err: expect.stringContaining('is not in the trash'),
    });
    run('rm', '1');
    const checkpoints = join(home, 'checkpoints');
    // of a run in the trash, of one that stays, and of one that is gone already
    for (const id of [1, 2, 99]) mkdirSync(join(checkpoints, `run-${id}`), { recursive: true });
    expect(JSON.parse(run('gc', '--dry-run', '--json').out).checkpoints.toSorted()).toEqual([1, 99]);
    expect(readdirSync(checkpoints)).toHaveLength(3);
    expect(JSON.parse(run('gc', '--json').out)).toMatchObject({
      runs: [{ id: 1, name: 'seed-1' }],
      dryRun: false,
    });
    expect(readdirSync(checkpoints)).toEqual(['run-2']);

    expect(JSON.parse(run('sql', "SELECT value FROM points(2, 'val/accuracy')", '--json').out)).toEqual([
      { value: 0.72 },
    ]);
    expect(run('sql', 'DROP TABLE runs').status).toBe(2);
    const sound = run('doctor', '--json');
    expect([sound.status, JSON.parse(sound.out).sound]).toEqual([0, true]);
    expect(run('lss')).toMatchObject({ status: 2, err: expect.stringContaining('ls') });
    const slips = { resmue: 'resume', stauts: 'status', 'quite-another': 'expected one of run, resume' };
    for (const [typed, said] of Object.entries(slips))
      expect(run('sweep', typed, '1')).toMatchObject({ status: 2, err: expect.stringContaining(said) });
    for (const verb of ['ls', 'gc']) {
      expect(run(verb, '--help').out).toContain('Example');
    }
  },
);
