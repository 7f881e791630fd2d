import {
  input,
  layers,
  model as connectModel,
  type LayersModel,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { BatchNorm } from './batch-norm.ts';
import { SeededDropout } from './dropout.ts';
import { FAMILIES } from './families/index.ts';
import type { BuildContext, ModelFamily } from './families/family.ts';
import { drawWeights } from './initial-weights.ts';
import type { ModelSpec } from './spec.ts';

/** A model in both of its forms, which share layers and weights. */
export interface Classifier {
  readonly spec: ModelSpec;
  /** images [n, height, width, channels] in [0, 1] -> probabilities [n, classes] */
  readonly model: LayersModel;
  /** images -> logits [n, classes], the numbers before the softmax */
  readonly logits: LayersModel;
  /** Which step the next training call of the layers is: of dropout masks and moving averages. */
  setStep(step: number): void;
  /** Frees every weight. */
  dispose(): void;
}

/**
 * Builds the model that `spec` describes, with initial weights that depend on `seed` alone, on any engine.
 * @throws ModelSettingInvalid where the settings cannot work with such images
 */
export function buildClassifier(spec: ModelSpec, context: BuildContext): Classifier {
  const images = input({ shape: [...context.inputShape], name: 'images' });
  const family: ModelFamily<ModelSpec> = FAMILIES[spec.kind];
  const logitsOutput = family.connect(images, spec, context);
  const softmax = layers.activation({ name: 'probabilities', activation: 'softmax' });
  const model = connectModel({
    name: spec.kind,
    inputs: images,
    outputs: softmax.apply(logitsOutput) as SymbolicTensor,
  });
  const logits = connectModel({ name: `${spec.kind}_logits`, inputs: images, outputs: logitsOutput });
  drawWeights(model, context.seed);
  const stepped = model.layers.filter(
    (layer) => layer instanceof SeededDropout || layer instanceof BatchNorm,
  );
  return {
    spec,
    model,
    logits,
    setStep: (step) => stepped.forEach((layer) => (layer.step = step)),
    dispose: () => void model.dispose(),
  };
}
