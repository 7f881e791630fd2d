import * as tf from '@tensorflow/tfjs-core';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeEngines } from './describe.ts';
import { openEngine } from './open.ts';

// what opens depends on the machine: without builds, tensorflow only where npm could download its library
process.env['XDG_CACHE_HOME'] = mkdtempSync(join(tmpdir(), 'atelier-engine-'));
const engines = await describeEngines();
const fastest = engines.findIndex(({ available }) => available);

describe('openEngine', () => {
  it('gives the nearest name for one that is no engine', async () => {
    await expect(openEngine({ name: 'tensorfow' as never })).rejects.toMatchObject({
      code: 'ENGINE_UNKNOWN',
      usage: true,
      nearest: 'tensorflow',
    });
  });

  it.each([0, 1.5, -1])('refuses %d threads', async (threads) => {
    await expect(openEngine({ name: 'cpu', threads })).rejects.toMatchObject({
      code: 'ENGINE_SETTING',
    });
  });

  it.each([
    [
      'cpu',
      'bf16',
      'precision of the engine should be fp32 with cpu (engines that have bf16: onednn); got bf16',
    ],
    ['auto', 'fp8', 'precision of the engine should be fp32 or bf16; got fp8'],
  ] as const)('refuses %s in %s', async (name, precision, message) => {
    const opening = openEngine({ name, precision: precision as 'fp32' });
    await expect(opening).rejects.toMatchObject({ code: 'ENGINE_SETTING', usage: true });
    await expect(opening).rejects.toThrow(message);
  });

  it('says why a named engine does not open, and how to get it', async () => {
    for (const { name, reason, remedy } of engines.filter(({ available }) => !available)) {
      await expect(openEngine({ name })).rejects.toMatchObject({
        code: 'ENGINE_UNAVAILABLE',
        reason,
        remedy,
      });
    }
  });

  it('takes the fastest that opens, with the reasons for the faster ones; then there is one engine', async () => {
    const engine = await openEngine({ name: 'auto' });
    expect(engine.name).toBe(engines[fastest]?.name);
    expect(engine.skipped.map(({ name }) => name)).toEqual(engines.slice(0, fastest).map(({ name }) => name));
    for (const { name, reason, remedy } of engine.skipped) {
      expect(reason).not.toBe('');
      expect(remedy).toContain(`engine:install-${name}`);
    }
    expect(tf.getBackend()).toBe(engine.name);
    expect(await openEngine({ name: 'auto' })).toBe(engine);
    await expect(openEngine({ name: 'cpu' })).rejects.toMatchObject({ code: 'ENGINE_BUSY' });
  });
});
