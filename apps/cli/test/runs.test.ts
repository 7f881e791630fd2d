import { makeHome, runChild } from '@atelier/tracker/testing/home';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ENTRY } from '../src/terminal/entry.ts';

function tracker(home: string, ...args: string[]) {
  const env = { ...process.env, ATELIER_HOME: home, NO_COLOR: '1' };
  return spawnSync(process.execPath, [ENTRY, ...args], { encoding: 'utf8', env });
}

describe('tracker:ls and tracker:show', () => {
  it('say that there is nothing in an empty home and make nothing', () => {
    const home = makeHome();
    expect(tracker(home, 'ls')).toMatchObject({ status: 0, stdout: `no runs in ${home}\n` });
    expect(existsSync(join(home, 'atelier.db'))).toBe(false);
  });

  it('print a run with its report and matrix', async () => {
    const home = makeHome();
    expect(await runChild('record', home)).toEqual({ code: 0, output: '' });
    expect(tracker(home, 'ls').stdout).toMatch(/baseline +fashion +FINISHED .* 0\.75 +0\.666667/);
    const text = tracker(home, 'show', 'baseline').stdout;
    expect(text).toContain('optimizer.learningRate  0.001');
    expect(text).toMatch(/weighted avg +0\.8333 +0\.6667 +0\.6667 +3/);
    expect(text).toMatch(/^dog +1 +1$/m);
    expect(text).toMatch(/val\/loss +NaN/);
    expect(text).toMatch(/model\.json +2 +application\/json/);
  });

  it('print JSON', async () => {
    const home = makeHome();
    await runChild('record', home);
    const [run] = JSON.parse(tracker(home, 'ls', '--json').stdout);
    expect(run).toMatchObject({ name: 'baseline', metrics: { 'val/accuracy': 0.75, 'val/loss': 'NaN' } });
    const shown = JSON.parse(tracker(home, 'show', '1', '--json').stdout);
    expect(shown.evaluations[0]).toMatchObject({
      split: 'test',
      matrix: [
        [1, 0],
        [1, 1],
      ],
    });
    expect(JSON.parse(tracker(home, 'ls', '--json', '--status=FAILED').stdout)).toEqual([]);
  });

  it('blame the input where it is at fault', async () => {
    const home = makeHome();
    await runChild('record', home);
    expect(tracker(home, 'show', 'baselime')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('there is no run "baselime". Did you mean baseline?'),
    });
    expect(tracker(home, 'ls', '--status=DONE')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('RUNNING'),
    });
    expect(tracker(home, 'ls', '--limit=0').status).toBe(2);
  });
});
