import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** One test configuration for every package; `--root` says which package runs. */
export default defineConfig({
  test: {
    include: ['scripts/**/*.test.ts', 'src/**/*.test.{ts,tsx}', 'test/**/*.test.ts'],
    globalSetup: fileURLToPath(new URL('./vitest.scratch.ts', import.meta.url)),
    maxConcurrency: 2,
    testTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } }, // a slow machine is not a fault
    hookTimeout: 60_000,
    reporters: ['default', 'json'],
    outputFile: { json: 'dist/test-results.json' },
  },
});
