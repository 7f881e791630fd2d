import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkIntegrity, installTensorflow } from './install.ts';
import { tensorflowFolder } from './layout.ts';

const emptyHome = (): string => mkdtempSync(join(tmpdir(), 'atelier-engine-'));

describe('installTensorflow', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('says which program is missing, and leaves nothing behind', async () => {
    const home = emptyHome();
    vi.stubEnv('PATH', emptyHome());
    vi.stubEnv('CXX', '');
    await expect(installTensorflow({ home })).rejects.toMatchObject({
      code: 'ENGINE_INSTALL',
      message: expect.stringMatching(/C\+\+ compiler|this machine/),
    });
    expect(readdirSync(join(home, 'native'))).toEqual([]);
  });

  it('does nothing where it is installed', async () => {
    const home = emptyHome();
    const { mkdirSync } = await import('node:fs');
    mkdirSync(tensorflowFolder(home), { recursive: true });
    writeFileSync(join(tensorflowFolder(home), 'kept'), '');
    expect(await installTensorflow({ home })).toEqual({ folder: tensorflowFolder(home), installed: false });
    expect(readdirSync(tensorflowFolder(home))).toEqual(['kept']);
  });

  it('takes no package but the one that it knows', async () => {
    const file = join(emptyHome(), 'package.tgz');
    writeFileSync(file, 'abc');
    // FIPS 180-2, appendix C.1
    const known =
      'sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==';
    await checkIntegrity('npm package abc', file, known);
    writeFileSync(file, 'abd');
    await expect(checkIntegrity('npm package abc', file, known)).rejects.toThrow(/it is not the one we know/);
  });
});
