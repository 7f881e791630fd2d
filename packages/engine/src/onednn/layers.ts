import * as tf from '@tensorflow/tfjs-core';
import { layerNorm } from '../training/layer-norm.ts';
import { BACKEND } from './kernel.ts';

/** What tfjs-layers' LayerNormalization has inside. */
interface LayerNormalization {
  readonly axis: number | number[];
  readonly epsilon: number;
  readonly gamma?: { read(): tf.Tensor } | null;
  readonly beta?: { read(): tf.Tensor } | null;
  call(inputs: tf.Tensor | tf.Tensor[], kwargs: unknown): tf.Tensor | tf.Tensor[];
}

let installed = false;

/**
 * tfjs-layers normalises layers by statistics and parameters that it repeats to the shape of the input, some twenty passes and
 * a kernel that this backend does not have. Over the last axis it is one pass, and one for the gradients.
 */
export function installOnednnLayers(): void {
  if (installed) return;
  installed = true;
  const known = tf.serialization.SerializationMap.getMap().classNameMap['LayerNormalization'];
  if (known === undefined) return;
  const prototype = known[0].prototype as unknown as LayerNormalization;
  const before = prototype.call;
  prototype.call = function call(this: LayerNormalization, inputs, kwargs) {
    const [x, ...others] = [inputs].flat() as [tf.Tensor, ...tf.Tensor[]];
    const [axis, ...more] = [this.axis].flat();
    const last = more.length === 0 && (axis === x.rank - 1 || axis === -1);
    if (tf.getBackend() !== BACKEND || others.length > 0 || !last || x.dtype !== 'float32')
      return before.call(this, inputs, kwargs);
    return layerNorm({ x, scale: this.gamma?.read(), offset: this.beta?.read(), epsilon: this.epsilon });
  };
}
