import { defineConfig } from 'vitest/config';

/** Browser tests: a target of their own, because they need a Chromium and a built page. */
export default defineConfig({
  test: {
    include: ['test/e2e/*.e2e.ts'],
    globalSetup: '../../vitest.scratch.ts',
    testTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } }, // a slow machine is not a fault
    hookTimeout: 60_000,
    reporters: ['default', 'json'],
    outputFile: { json: 'dist/e2e-results.json' },
  },
});
