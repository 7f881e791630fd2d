import * as tf from '@tensorflow/tfjs-core';
import type { SelfTestResult } from './describe.ts';
import { EngineUnavailableError } from './errors.ts';
import { openEngine } from './open.ts';
import { engineName } from './registry.ts';

/** The gradient of the sum of a 3 x 3 convolution over 4 x 4 ones: each weight meets 2 x 2 places, so all are 4. */
function convolutionGradient(): number[] {
  return tf.tidy(() => {
    const x = tf.ones<tf.Rank.R4>([1, 4, 4, 1]);
    const loss = (w: tf.Tensor4D): tf.Scalar => tf.sum(tf.relu(tf.conv2d(x, w, 1, 'valid')));
    return [
      ...tf
        .grad((w) => loss(w as tf.Tensor4D))(tf.ones([3, 3, 1, 1]))
        .dataSync(),
    ];
  });
}

async function test(name: string): Promise<SelfTestResult> {
  try {
    const known = engineName(name);
    const { version, threads, bf16 } = await openEngine({ name: known });
    const gradient = convolutionGradient();
    if (gradient.every((value) => value === 4))
      return { available: true, version, threads, ...(bf16 !== undefined && { bf16 }) };
    const reason = `it computes a convolution's gradient as ${gradient.join(', ')} instead of nine times 4`;
    return { available: false, reason, remedy: 'do not use it on this machine' };
  } catch (error) {
    if (!(error instanceof EngineUnavailableError)) throw error;
    return { available: false, reason: error.reason, remedy: error.remedy };
  }
}

const [name = ''] = process.argv.slice(2);
void test(name).then((result) => {
  console.log(JSON.stringify(result));
  process.exit(0);
});
