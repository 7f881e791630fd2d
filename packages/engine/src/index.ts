export { type Engine, type EngineName, type SkippedEngine } from './engine.ts';
export {
  EngineBusyError,
  EngineSettingError,
  EngineUnavailableError,
  EngineUnknownError,
} from './errors.ts';
export { openEngine, type EngineOptions } from './open.ts';
export { ENGINE_NAMES } from './registry.ts';
