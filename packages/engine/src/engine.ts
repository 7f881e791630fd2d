/** What the user types, and the name of the file in `engines/`. */
export type EngineName = 'onednn' | 'tensorflow' | 'wasm' | 'cpu';

/** What the engine multiplies and stores activations in; statistics and weights are fp32 everywhere. */
export type Precision = 'fp32' | 'bf16';

/** A faster engine that `auto` passed over, why, and how to get it. */
export interface SkippedEngine {
  readonly name: EngineName;
  readonly reason: string;
  readonly remedy: string;
}

/** The engine that this process computes on. */
export interface Engine {
  readonly name: EngineName;
  /** Version of the library that does the arithmetic. */
  readonly version: string;
  /** Threads it computes with: what was asked for, or fewer where the engine cannot use them. */
  readonly threads: number;
  readonly precision: Precision;
  /** The precision and how this machine has it, in words: `fp32`, or `bf16, rounded in software: ...`. */
  readonly arithmetic: string;
  /** How this machine has bf16, in words; absent where the engine does not have it. */
  readonly bf16?: string;
  /** Faster engines that did not open; empty where the engine was named, not `auto`. */
  readonly skipped: readonly SkippedEngine[];
}

/** What an engine is told when it opens. */
export interface OpeningOptions {
  readonly threads: number;
  /** One of the engine's own. */
  readonly precision: Precision;
}

/** What an engine says once it is open. */
export interface OpenedEngine {
  readonly version: string;
  readonly threads: number;
  /** How this machine has bf16, in words, where the engine has it. */
  readonly bf16?: string;
}

/** One engine of the registry. */
export interface EngineDefinition {
  /** Name of its TensorFlow.js backend. */
  readonly backend: string;
  /** What it computes in; `fp32` alone where not given. */
  readonly precisions?: readonly Precision[];
  /** How fast it is, in words, for tables. */
  readonly speed: string;
  /** Makes the backend known to TensorFlow.js. Throws EngineUnavailableError. */
  readonly open: (options: OpeningOptions) => Promise<OpenedEngine>;
}
