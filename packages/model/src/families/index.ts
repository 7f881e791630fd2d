import type { ModelSpec } from '../spec.ts';
import { airbench } from './airbench.ts';
import { efficientnet } from './efficientnet.ts';
import type { ModelFamily } from './family.ts';
import { mlp } from './mlp.ts';
import { resnet } from './resnet.ts';
import { seedCnn } from './seed-cnn.ts';
import { vit } from './vit.ts';

/** Every family by its kind: what a user types as `model.kind`, and the name of its file. */
export const FAMILIES: {
  readonly [Kind in ModelSpec['kind']]: ModelFamily<Extract<ModelSpec, { kind: Kind }>>;
} = {
  'seed-cnn': seedCnn,
  airbench,
  efficientnet,
  mlp,
  resnet,
  vit,
};
