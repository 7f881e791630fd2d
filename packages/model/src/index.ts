export { BatchNorm } from './batch-norm.ts';
export { buildClassifier, type Classifier } from './classifier.ts';
export { SeededDropout } from './dropout.ts';
export { ModelFileInvalid, ModelKindUnknown, ModelSettingInvalid } from './errors.ts';
export type { BuildContext, ModelFamily } from './family.ts';
export { SeedCnnSpec } from './seed-cnn.ts';
export { MODEL_KINDS, ModelSpec, parseModelSpec } from './spec.ts';
export { loadModel, saveModel, writeModel, type ModelFile } from './storage.ts';
export { summarizeModel, type LayerSummary, type ModelSummary } from './summary.ts';
