import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nativeCache } from '../scripts/native-cache.mjs';
import { describeEngines } from './describe.ts';
import { addonFile } from './onednn/layout.ts';
import { tensorflowFolder } from './tensorflow/layout.ts';

const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'atelier-engine-'));

describe('describeEngines', () => {
  beforeEach(() => vi.stubEnv('XDG_CACHE_HOME', emptyFolder()));
  afterEach(() => vi.unstubAllEnvs());

  it('lets each engine take a gradient, fastest first', async () => {
    const engines = await describeEngines();
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
    const tfjsNode = join(tensorflowFolder(), 'node_modules', '@tensorflow', 'tfjs-node');
    mkdirSync(tfjsNode, { recursive: true });
    writeFileSync(join(tfjsNode, 'package.json'), '{"version":"4.22.0"}');
    writeFileSync(join(tensorflowFolder(), 'tfjs_binding.node'), 'no shared library');
    mkdirSync(dirname(addonFile()), { recursive: true });
    writeFileSync(addonFile(), 'no shared library');
    const [onednn, tensorflow, wasm] = await describeEngines();
    expect(onednn).toMatchObject({ available: false, remedy: expect.stringContaining('--force') });
    expect(onednn?.reason).toContain('does not load');
    expect(wasm?.available).toBe(true);
    expect(tensorflow).toMatchObject({ available: false, remedy: expect.stringContaining('--force') });
    expect(tensorflow?.reason).toContain(tensorflowFolder());
  });
});

describe('programs of others', () => {
  /** Tells by a file that it was run; a real one would be a shared library whose constructor does. */
  const marker = join(emptyFolder(), 'ran');

  beforeEach(() => vi.stubEnv('XDG_CACHE_HOME', emptyFolder()));
  afterEach(() => vi.unstubAllEnvs());

  it('are not run from a home', async () => {
    const home = emptyFolder();
    for (const folder of ['onednn', 'tensorflow'])
      mkdirSync(join(home, 'native', folder), { recursive: true });
    writeFileSync(join(home, 'native', 'onednn', 'atelier_onednn.node'), 'another program');
    const tfjsNode = join(home, 'native', 'tensorflow', 'node_modules', '@tensorflow', 'tfjs-node', 'dist');
    mkdirSync(tfjsNode, { recursive: true });
    const program = `require('node:fs').writeFileSync(${JSON.stringify(marker)}, '')`;
    writeFileSync(join(tfjsNode, 'nodejs_kernel_backend.js'), program);
    vi.stubEnv('ATELIER_HOME', home);
    const [onednn, tensorflow] = await describeEngines(['onednn', 'tensorflow']);
    expect(onednn?.reason).toContain('is not built');
    expect(tensorflow?.reason ?? '').not.toContain(home);
    expect(existsSync(marker)).toBe(false);
  });

  it('are not run from a folder that others may write to', async () => {
    mkdirSync(dirname(addonFile()), { recursive: true, mode: 0o700 });
    copyFileSync(process.execPath, addonFile());
    chmodSync(nativeCache(), 0o777);
    const [onednn, tensorflow] = await describeEngines(['onednn', 'tensorflow']);
    expect(onednn).toMatchObject({ reason: `others may write to ${nativeCache()} (mode 777)` });
    expect(onednn?.remedy).toContain('XDG_CACHE_HOME');
    if (!tensorflow?.available) expect(tensorflow?.reason).toContain('others may write to');
  });
});
