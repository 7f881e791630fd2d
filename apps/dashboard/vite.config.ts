import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src/web',
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
