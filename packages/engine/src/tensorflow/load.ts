import * as tf from '@tensorflow/tfjs-core';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { EngineUnavailableError } from '../errors.ts';
import { distrustOfCache } from '../../scripts/native-cache.mjs';
import { SHARED_TFJS, tensorflowFolder, tensorflowLayout } from './layout.ts';

const require = createRequire(import.meta.url);
const REMEDY = 'npx nx run engine:install-tensorflow';
/** An optional dependency: npm leaves it away where its own download fails. */
const TFJS_NODE = '@tensorflow/tfjs-node';

interface Binding {
  readonly TF_Version: string;
}

/** Node 23 removed these; tfjs-node 4.22 still calls them (mended upstream in April 2025, not released). */
function restoreRemovedFunctions(): void {
  const util = require('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isUndefined'] ??= (value: unknown) => value === undefined;
}

/** TensorFlow reads its settings from the environment when its library is loaded, and from nowhere else. */
function setEnvironment(threads: number): void {
  process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
  process.env['TF_NUM_INTEROP_THREADS'] = String(threads);
  process.env['OMP_NUM_THREADS'] = String(threads);
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
}

function firstLine(error: unknown): string {
  return String((error as Error).message).split('\n')[0] ?? '';
}

/** The package as npm installed it, with the library that its own install script downloaded. */
function loadInstalled(): string {
  const node = require(TFJS_NODE) as { version: Record<string, string>; node?: unknown };
  const { binding } = tf.backend() as unknown as { binding: Binding };
  return `TensorFlow ${binding.TF_Version}, tfjs-node ${node.version['tfjs-node']}`;
}

/** What `engine:install-tensorflow` built. */
function loadBuilt(): string {
  const { binding: bindingFile, tfjsNode } = tensorflowLayout(tensorflowFolder());
  const { version } = require(join(tfjsNode, 'package.json')) as { version: string };
  (globalThis as Record<symbol, unknown>)[SHARED_TFJS] = tf;
  const binding = require(bindingFile) as Binding;
  const { NodeJSKernelBackend } = require(join(tfjsNode, 'dist', 'nodejs_kernel_backend.js')) as {
    NodeJSKernelBackend: new (binding: Binding, packageName: string) => tf.KernelBackend;
  };
  require(join(tfjsNode, 'dist', 'register_all_kernels.js'));
  tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node'));
  return `TensorFlow ${binding.TF_Version}, tfjs-node ${version}`;
}

/**
 * Makes the `tensorflow` backend known to TensorFlow.js: from node_modules where it loads, else as it was built here.
 * @returns its version.
 * @throws EngineUnavailableError with the reasons.
 */
export function loadTensorflow(threads: number): string {
  restoreRemovedFunctions();
  setEnvironment(threads);
  const reasons: string[] = [];
  try {
    return loadInstalled();
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
    reasons.push(
      absent
        ? "npm could not install @tensorflow/tfjs-node (its library's download failed)"
        : firstLine(error),
    );
  }
  const distrust = distrustOfCache();
  if (distrust) {
    const remedy = `remove it, or name a folder of your own by XDG_CACHE_HOME; then ${REMEDY}`;
    throw new EngineUnavailableError('tensorflow', `${reasons[0]}, and ${distrust}`, remedy);
  }
  if (!existsSync(tensorflowFolder())) {
    throw new EngineUnavailableError('tensorflow', `${reasons[0]}, and none was built`, REMEDY);
  }
  try {
    return loadBuilt();
  } catch (cause) {
    const reason = `${reasons[0]}, and the one in ${tensorflowFolder()} does not load: ${firstLine(cause)}`;
    throw new EngineUnavailableError('tensorflow', reason, `${REMEDY} --force`, { cause });
  }
}
