import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTracker } from '../tracker.ts';

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'atelier-values-'))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

it('gives every point that the other way of reading gives', () => {
  using tracker = openTracker({ home });
  const run = tracker.startRun({
    project: 'p',
    config: {},
    environment: {
      machine: { cpu: 'c', cores: 1, memoryBytes: 1, platform: 'linux', arch: 'x64' },
      node: 'v20',
      engine: { name: 'cpu', version: '1', threads: 1, precision: 'fp32' },
      command: [],
    },
  });
  for (let step = 0; step < 5000; step++) {
    run.log({ loss: step % 7 === 0 ? NaN : Math.sin(step) }, { step: step * 3 });
    if (step % 1234 === 0) run.flush();
  }
  run.finish();
  const points = tracker.curves(run.id, { keys: ['loss'] }).curves[0]!.points;
  const found = tracker.curveValues(run.id, 'loss')!;
  expect(points).toHaveLength(5000);
  expect([...found.steps]).toEqual(points.map(({ step }) => step));
  expect([...found.values]).toEqual(points.map(({ value }) => value));
  expect(tracker.curveValues(run.id, 'accuracy')).toBeUndefined();
});
