import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const BUILT = fileURLToPath(new URL('dist/web/', import.meta.url));

/** Beside every file its compressed forms, so that the server has nothing to compress. */
const compressed: Plugin = {
  name: 'compressed',
  closeBundle() {
    for (const entry of readdirSync(BUILT, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(js|css|html|svg|wasm)$/.test(entry)) continue;
      const bytes = readFileSync(BUILT + entry);
      writeFileSync(`${BUILT}${entry}.gz`, gzipSync(bytes, { level: 9 }));
      writeFileSync(`${BUILT}${entry}.br`, brotliCompressSync(bytes));
    }
  },
};

export default defineConfig({
  root: 'src/web',
  plugins: [compressed],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    // light-dark() and oklch() are left to the browser
    target: 'esnext',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
