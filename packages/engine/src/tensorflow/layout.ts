import { join } from 'node:path';
import { nativeCache } from '../../scripts/native-cache.mjs';

/** What `engine:install-tensorflow` puts under a root folder, and `openEngine` looks for. */
export interface TensorflowLayout {
  readonly root: string;
  /** The two shared libraries of the wheel. */
  readonly libraries: string;
  /** tfjs-node's Node-API addon, built against them. */
  readonly binding: string;
  /** tfjs-node's own JavaScript, without its dependencies on the rest of TensorFlow.js. */
  readonly tfjsNode: string;
  readonly modules: string;
}

export function tensorflowLayout(root: string): TensorflowLayout {
  const modules = join(root, 'node_modules');
  return {
    root,
    libraries: join(root, 'lib'),
    binding: join(root, 'tfjs_binding.node'),
    tfjsNode: join(modules, '@tensorflow', 'tfjs-node'),
    modules,
  };
}

/** Where it lies. */
export function tensorflowFolder(): string {
  return join(nativeCache(), 'tensorflow');
}

/**
 * tfjs-node imports `@tensorflow/tfjs`; the stand-in it is given there exports what stands under this key, so that it
 * shares the workspace's one copy of tfjs-core, wherever the workspace has moved to.
 */
export const SHARED_TFJS = Symbol.for('atelier.tfjs');
