// The program of one process: declares TensorFlow.js' tests for one backend, runs them, writes what happened.
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { specs } from './globals.ts';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import '@tensorflow/tfjs-backend-cpu';
import { registerOnednn } from '../src/onednn/register.ts';
import type { Addon } from '../src/onednn/addon.ts';

export interface Order {
  readonly backend: 'cpu' | 'onednn';
  /** The native library; for onednn. */
  readonly addon?: string;
  readonly threads?: number;
  /** Part of the names of the tests to run. */
  readonly only?: string;
  /** The file that is written. */
  readonly out: string;
}

const order = JSON.parse(process.argv[2]!) as Order;

if (order.backend === 'onednn') {
  const addon = createRequire(process.cwd() + '/')(order.addon!) as Addon;
  addon.setThreads(order.threads ?? 2);
  registerOnednn(addon);
}
setTestEnvs([{ name: 'test', backendName: order.backend, isDataSync: true }]);
const quiet = (): void => undefined;
Object.assign(console, { log: quiet, warn: quiet, error: quiet, info: quiet });
// eslint-disable-next-line @typescript-eslint/no-require-imports
require('@tensorflow/tfjs-core/dist/tests.js');

void specs
  .run((name) => order.only === undefined || name.includes(order.only))
  .then((outcomes) => {
    writeFileSync(order.out, JSON.stringify(outcomes));
    process.exit(0);
  });
