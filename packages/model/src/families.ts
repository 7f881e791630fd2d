import type { ModelFamily } from './family.ts';
import { seedCnn } from './seed-cnn.ts';
import type { ModelSpec } from './spec.ts';

/** Every family by its kind: what a user types as `model.kind`, and the name of its file. */
export const FAMILIES: {
  readonly [Kind in ModelSpec['kind']]: ModelFamily<Extract<ModelSpec, { kind: Kind }>>;
} = {
  'seed-cnn': seedCnn,
};
