import { chmodSync, mkdtempSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { distrustOfCache, nativeCache, ownNativeCache } from './native-cache.mjs';

const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'atelier-cache-'));

describe('the folder of native builds', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('is below XDG_CACHE_HOME, else ~/.cache; a relative path does not count', () => {
    expect(nativeCache({ XDG_CACHE_HOME: '/caches' })).toBe('/caches/atelier');
    expect(nativeCache({})).toBe(join(homedir(), '.cache', 'atelier'));
    expect(nativeCache({ XDG_CACHE_HOME: 'caches' })).toBe(join(homedir(), '.cache', 'atelier'));
  });

  it('is made for its owner alone', () => {
    vi.stubEnv('XDG_CACHE_HOME', emptyFolder());
    const folder = ownNativeCache();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(distrustOfCache()).toBeUndefined();
    expect(ownNativeCache()).toBe(folder);
  });

  it('is refused where somebody else could have put something there', () => {
    const base = emptyFolder();
    vi.stubEnv('XDG_CACHE_HOME', base);
    chmodSync(ownNativeCache(), 0o770);
    expect(() => ownNativeCache()).toThrow(/others may write .*mode 770.*XDG_CACHE_HOME/);
    const [link, file] = [join(base, 'link'), join(base, 'file')];
    symlinkSync(emptyFolder(), link);
    writeFileSync(file, '');
    expect(distrustOfCache(link)).toBe(`${link} is not a folder`);
    expect(distrustOfCache(file)).toBe(`${file} is not a folder`);
    vi.spyOn(process, 'getuid').mockReturnValue(4711);
    const owner = statSync(base).uid;
    if (owner !== 0) expect(distrustOfCache(base)).toBe(`${base} belongs to another user (${owner})`);
    vi.restoreAllMocks();
  });
});
