export { describeEngines, type EngineStatus } from './describe.ts';
export { type Engine, type EngineName, type Precision, type SkippedEngine } from './engine.ts';
export {
  EngineBusyError,
  EngineInstallError,
  EngineSettingError,
  EngineUnavailableError,
  EngineUnknownError,
} from './errors.ts';
export { openEngine, type EngineOptions } from './open.ts';
export { ENGINE_NAMES } from './registry.ts';
export { installTensorflow } from './tensorflow/install.ts';
export { installOnednn } from './onednn/install.ts';
export { type TrainedNorm } from './training/batch-norm.ts';
export {
  captureStep,
  type CapturedStep,
  type StepBody,
  type StepCapturer,
  type StepInput,
  type StepInputs,
  type StepOutputs,
} from './training/capture.ts';
export { gelu, hardSwish, silu } from './training/activations.ts';
export { type NormBlockPool, type OptimizerKind } from './training/kernels.ts';
export { layerNorm, type LayerNormArgs } from './training/layer-norm.ts';
export { averagingRate, moveTowards, ownMemory, rateValues } from './training/moving-average.ts';
export {
  batchNormTraining,
  isNormBlockNative,
  normBlock,
  type NormBlockArgs,
} from './training/norm-block.ts';
export {
  parameterUpdate,
  updateHyper,
  updateRule,
  type ParameterUpdate,
  type UpdateRule,
} from './training/optimizer.ts';
export { convBlock, denseBlock, type ConvGeometry, type Epilogue } from './training/products.ts';
export { seededDropout } from './training/seeded-dropout.ts';
export { softmaxCrossEntropy, type CrossEntropy } from './training/softmax-cross-entropy.ts';
