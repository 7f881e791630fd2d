import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { installTensorflow } from './install.ts';
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
});
