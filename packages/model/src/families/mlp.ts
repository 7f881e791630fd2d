import { layers } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { SeededDropout } from '../dropout.ts';
import { ACTIVATIONS, activation, logits, norm, on } from './blocks.ts';
import type { ModelFamily } from './family.ts';

export const MlpSpec = z.strictObject({
  kind: z.literal('mlp'),
  /** Units of each hidden layer. */
  units: z.array(z.int().min(1).max(65_536)).min(1).default([256, 128]),
  activation: z.enum(ACTIVATIONS).default('relu'),
  batchNorm: z.boolean().default(true),
  dropout: z.number().min(0).lt(1).default(0.1),
});
export type MlpSpec = z.output<typeof MlpSpec>;

const MOMENTUM = 0.99;

/** Dense layers on the pixels: what a network must beat that knows about images. */
export const mlp: ModelFamily<MlpSpec> = {
  connect(images, spec, { classes, seed }) {
    let x = on(layers.flatten({ name: 'flatten' }), images);
    spec.units.forEach((units, i) => {
      const name = `dense${i + 1}`;
      x = on(layers.dense({ name, units, useBias: !spec.batchNorm, kernelInitializer: 'heNormal' }), x);
      if (spec.batchNorm) x = norm(x, `${name}_norm`, MOMENTUM);
      x = activation(x, name, spec.activation);
      const rate = spec.dropout;
      if (rate > 0) x = on(new SeededDropout({ name: `${name}_dropout`, rate, seed }), x);
    });
    return logits(x, classes);
  },
};
