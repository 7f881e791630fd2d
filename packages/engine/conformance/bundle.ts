import { build, type Plugin } from 'esbuild';
import { fileURLToPath } from 'node:url';

/** jasmine_util.js only sets a time limit in the library; the functions that tests use are ours (globals.ts). */
const jasmineCore: Plugin = {
  name: 'jasmine-core',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^jasmine-core\// }, ({ path }) => ({ path, namespace: 'jasmine-core' }));
    onLoad({ filter: /.*/, namespace: 'jasmine-core' }, () => ({
      contents: 'exports.core = () => ({});',
      loader: 'js',
    }));
  },
};

/**
 * Puts the tests, TensorFlow.js and the backends into one file. The published tests are ES modules that Node does not take
 * for such, and they would get another copy of TensorFlow.js than the backends.
 */
export async function bundleTests(file: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('tests.ts', import.meta.url))],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    mainFields: ['module', 'main'],
    // the packages say that their tests have no effect, and would be left out
    ignoreAnnotations: true,
    logLevel: 'error',
    plugins: [jasmineCore],
  });
}
