import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeHome } from '../test/home.ts';
import { ENVIRONMENT } from '../test/home-data.ts';
import { readEnvironment } from './environment.ts';
import { RunEnvironment } from './schema.ts';

it('describes this machine in the shape that is stored', () => {
  const environment = { ...readEnvironment(), engine: ENVIRONMENT.engine };
  expect(RunEnvironment.parse(environment)).toEqual(environment);
  expect(environment.node).toBe(process.versions.node);
});

it('reads commit, branch and changes, and nothing outside a repository', () => {
  const folder = makeHome();
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'commit.gpgsign=false'];
  const git = (...args: string[]) =>
    execFileSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8' });
  expect(readEnvironment(folder).git).toBeUndefined();
  git('init', '-q', '-b', 'work');
  expect(readEnvironment(folder).git).toBeUndefined();
  git('commit', '-q', '--allow-empty', '-m', 'first');
  const commit = git('rev-parse', 'HEAD').trim();
  expect(readEnvironment(folder).git).toEqual({ commit, branch: 'work', dirty: false });
  writeFileSync(join(folder, 'new'), '');
  expect(readEnvironment(folder).git).toEqual({ commit, branch: 'work', dirty: true });
});
