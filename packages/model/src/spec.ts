import { z } from 'zod';
import { ModelKindUnknown, ModelSettingInvalid } from './errors.ts';
import { AirbenchSpec } from './families/airbench.ts';
import { EfficientnetSpec } from './families/efficientnet.ts';
import { MlpSpec } from './families/mlp.ts';
import { ResnetSpec } from './families/resnet.ts';
import { SeedCnnSpec } from './families/seed-cnn.ts';
import { VitSpec } from './families/vit.ts';

/** A model in words: which family, and its settings. */
export const ModelSpec = z.discriminatedUnion('kind', [
  SeedCnnSpec,
  AirbenchSpec,
  EfficientnetSpec,
  MlpSpec,
  ResnetSpec,
  VitSpec,
]);
export type ModelSpec = z.output<typeof ModelSpec>;

/** What a user may type as `model.kind`. */
export const MODEL_KINDS: readonly ModelSpec['kind'][] = ModelSpec.options.map(
  (option) => option.shape.kind.value,
);

/**
 * Checks a spec that came from outside and fills in the defaults.
 * @throws ModelKindUnknown with the nearest kind; ModelSettingInvalid naming the first wrong setting.
 */
export function parseModelSpec(input: unknown): ModelSpec {
  const kind = (input as { kind?: unknown } | null)?.kind;
  if (typeof kind === 'string' && !(MODEL_KINDS as readonly string[]).includes(kind)) {
    throw new ModelKindUnknown(kind, MODEL_KINDS);
  }
  const parsed = ModelSpec.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new ModelSettingInvalid(['model', ...issue.path].join('.'), issue.message);
}
