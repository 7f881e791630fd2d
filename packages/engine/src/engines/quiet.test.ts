import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const execute = promisify(execFile);

/** Opens an engine in a fresh process, multiplies, and prints the listeners before and after. */
const script = (name: string): string => `
  import * as tf from '@tensorflow/tfjs-core';
  import { openEngine } from './src/index.ts';
  const count = () => ['uncaughtException', 'unhandledRejection'].map((event) => process.listenerCount(event));
  const before = count();
  await openEngine({ name: '${name}' });
  const product = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).dataSync();
  console.log(JSON.stringify({ before, after: count(), product: [...product] }));
`;

it.each(['wasm', 'cpu'])(
  '%s opens without a word and leaves the process its error handling',
  async (name) => {
    const { stdout, stderr } = await execute(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script(name)],
      {
        cwd: `${import.meta.dirname}/../..`,
      },
    );
    const { before, after, product } = JSON.parse(stdout) as Record<string, number[]>;
    expect(stderr).toBe('');
    expect(product).toEqual([3, 3, 3, 3]);
    expect(after).toEqual(before);
  },
);
