import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeEngines } from './describe.ts';
import { addonFile, cpuAbilities, sourcesDigest } from './onednn/layout.ts';

const emptyHome = (): string => mkdtempSync(join(tmpdir(), 'atelier-engine-'));

describe('describeEngines', () => {
  it('lets each engine take a gradient, fastest first', async () => {
    const engines = await describeEngines({ home: emptyHome() });
    expect(engines.map(({ name }) => name)).toEqual(['onednn', 'tensorflow', 'wasm', 'cpu']);
    const [onednn, tensorflow, wasm, cpu] = engines;
    expect(onednn).toMatchObject({ available: false, remedy: expect.stringContaining('install-onednn') });
    expect(wasm).toMatchObject({ available: true, threads: 1, version: expect.stringContaining('4.22.0') });
    expect(cpu).toMatchObject({ available: true });
    if (tensorflow?.available) expect(tensorflow.version).toContain('TensorFlow');
    else
      expect(tensorflow).toMatchObject({
        reason: expect.stringMatching(/.+/),
        remedy: expect.stringMatching(/.+/),
      });
  });

  it('survives an engine whose native library is broken', async () => {
    const home = emptyHome();
    const folder = join(home, 'native', 'tensorflow');
    const tfjsNode = join(folder, 'node_modules', '@tensorflow', 'tfjs-node');
    mkdirSync(tfjsNode, { recursive: true });
    writeFileSync(join(tfjsNode, 'package.json'), '{"version":"4.22.0"}');
    writeFileSync(join(folder, 'tfjs_binding.node'), 'no shared library');
    const native = join(home, 'native', 'onednn');
    mkdirSync(native, { recursive: true });
    const record = { sources: sourcesDigest(), cpu: cpuAbilities() };
    writeFileSync(join(native, 'build.json'), JSON.stringify(record));
    writeFileSync(addonFile(native), 'no shared library');
    const [onednn, tensorflow, wasm] = await describeEngines({ home });
    expect(onednn).toMatchObject({ available: false, remedy: expect.stringContaining('--force') });
    expect(onednn?.reason).toContain('does not load');
    expect(wasm?.available).toBe(true);
    expect(tensorflow).toMatchObject({ available: false, remedy: expect.stringContaining('--force') });
    expect(tensorflow?.reason).toContain(folder);
  });
});
