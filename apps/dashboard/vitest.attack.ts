import { defineConfig } from 'vitest/config';

process.env['ATTACK_SECONDS'] ??= '120';

/** What strangers try, at length: the short form of the fuzz is among the tests. Needs a Chromium and a built page. */
export default defineConfig({
  test: {
    include: ['test/api-fuzz.test.ts', 'test/attack/*.attack.ts'],
    globalSetup: '../../vitest.scratch.ts',
    testTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 60_000,
    reporters: ['default', 'json'],
    outputFile: { json: 'dist/attack-results.json' },
  },
});
