import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { compileKernels } from './compile-kernels.ts';
import { KERNELS_WASM } from './kernel-file.ts';

it('kernels.wasm is what its sources compile to; if not: npx tsx src/wasm/compile-kernels.ts', async () => {
  expect(Buffer.compare(await compileKernels(), readFileSync(KERNELS_WASM))).toBe(0);
}, 60_000);
