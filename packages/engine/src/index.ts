export { batchNormTraining, type TrainedNorm } from './batch-norm.ts';
export { describeEngines, type EngineStatus } from './describe.ts';
export { type Engine, type EngineName, type SkippedEngine } from './engine.ts';
export {
  EngineBusyError,
  EngineInstallError,
  EngineSettingError,
  EngineUnavailableError,
  EngineUnknownError,
} from './errors.ts';
export { openEngine, type EngineOptions } from './open.ts';
export { ENGINE_NAMES } from './registry.ts';
