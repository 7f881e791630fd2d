import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nativeCache } from '../../scripts/native-cache.mjs';
import { checkIntegrity, installTensorflow } from './install.ts';
import { tensorflowFolder } from './layout.ts';

const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'atelier-engine-'));

describe('installTensorflow', () => {
  beforeEach(() => vi.stubEnv('XDG_CACHE_HOME', emptyFolder()));
  afterEach(() => vi.unstubAllEnvs());

  it('says which program is missing, and leaves nothing behind', async () => {
    vi.stubEnv('PATH', emptyFolder());
    vi.stubEnv('CXX', '');
    await expect(installTensorflow({})).rejects.toMatchObject({
      code: 'ENGINE_INSTALL',
      message: expect.stringMatching(/C\+\+ compiler|this machine/),
    });
    expect(readdirSync(nativeCache())).toEqual([]);
  });

  it('does nothing where it is installed', async () => {
    mkdirSync(tensorflowFolder(), { recursive: true });
    writeFileSync(join(tensorflowFolder(), 'kept'), '');
    expect(await installTensorflow({})).toEqual({ folder: tensorflowFolder(), installed: false });
    expect(readdirSync(tensorflowFolder())).toEqual(['kept']);
  });

  it('takes no package but the one that it knows', async () => {
    const file = join(emptyFolder(), 'package.tgz');
    writeFileSync(file, 'abc');
    // FIPS 180-2, appendix C.1
    const known =
      'sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==';
    await checkIntegrity('npm package abc', file, known);
    writeFileSync(file, 'abd');
    await expect(checkIntegrity('npm package abc', file, known)).rejects.toThrow(/it is not the one we know/);
  });
});
