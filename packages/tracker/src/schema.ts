import { RUN_STATUSES } from '@atelier/base';
import { z } from 'zod';
import type { SystemCapture } from './run/system-metrics.ts';

/** What a configuration is made of; `z.json()` with a name. */
export const JsonObject = z.record(z.string(), z.json());
export type JsonObject = z.output<typeof JsonObject>;

export const RunStatus = z.enum(RUN_STATUSES);
export type RunStatus = z.output<typeof RunStatus>;

export const Machine = z.strictObject({
  cpu: z.string(),
  cores: z.int().min(1),
  memoryBytes: z.int().min(0),
  platform: z.string(),
  arch: z.string(),
});
export type Machine = z.output<typeof Machine>;

/** `dirty`: the working tree differs from the commit (untracked files count, ignored ones do not). */
export const GitState = z.strictObject({ commit: z.string(), branch: z.string(), dirty: z.boolean() });
export type GitState = z.output<typeof GitState>;

/** The file that pins the packages' versions. */
export const LockFile = z.strictObject({ file: z.string(), sha256: z.string() });
export type LockFile = z.output<typeof LockFile>;

/** What a run ran on. */
export const RunEnvironment = z.strictObject({
  git: GitState.optional(),
  machine: Machine,
  node: z.string(),
  engine: z.strictObject({
    name: z.string().min(1),
    version: z.string(),
    threads: z.int().min(1),
    precision: z.string(),
    /** How the machine has that precision, in words. */
    arithmetic: z.string().optional(),
  }),
  command: z.array(z.string()),
  lockFile: LockFile.optional(),
});
export type RunEnvironment = z.output<typeof RunEnvironment>;

const Text = z.string().trim().min(1).max(1000);

/** Everything that is known of a run before its first step. */
export const RunStart = z.strictObject({
  project: Text,
  group: Text.optional(),
  /** Absent: the stem and the run's id, as `quick-cnn-12`. */
  name: Text.optional(),
  /** Absent: the model's kind, else the project. */
  stem: Text.optional(),
  config: JsonObject.default({}),
  tags: z.array(Text).default([]),
  notes: z.string().max(1_000_000).optional(),
  datasetDigest: Text.optional(),
  /** Absent: this process and machine, with no engine. */
  environment: RunEnvironment.optional(),
});
export type RunStart = z.input<typeof RunStart> & {
  /** What to record besides what is logged. */
  readonly capture?: Capture | undefined;
};

/** What a run records by itself. Nothing of it where it is absent. */
export interface Capture {
  /** What the process prints, line by line. */
  readonly console?: boolean | undefined;
  /** CPU, memory and event-loop lag on a timer, as `system/...` curves. */
  readonly system?: boolean | SystemCapture | undefined;
  /** The working tree's difference from its commit, as the artifact `git/uncommitted.diff`. */
  readonly diff?: boolean | undefined;
}

/** A dataset's names and its evaluated splits: what is needed to read a prediction ledger. */
export interface DatasetRecord {
  readonly digest: string;
  readonly name: string;
  readonly classNames: readonly string[];
  readonly image: { readonly height: number; readonly width: number; readonly channels: number };
  /** `labels`: class per sample; `indices`: position of each sample in the source the split was cut from. */
  readonly splits: Readonly<Record<string, { readonly labels: Uint8Array; readonly indices: Uint32Array }>>;
}

export interface PredictionInput {
  readonly split: string;
  readonly checkpoint: string;
  readonly datasetDigest: string;
  readonly classes: number;
  /** `[count, classes]`; stored as float16, the predicted class (argmax) from the full precision. */
  readonly probabilities: Float32Array;
}

export interface Predictions {
  readonly split: string;
  readonly checkpoint: string;
  readonly datasetDigest: string;
  readonly classes: number;
  readonly predicted: Uint8Array;
  readonly probabilities: Float32Array;
}

export interface RunError {
  readonly code: string;
  readonly message: string;
  readonly step?: number | undefined;
}

export interface ArtifactRecord {
  readonly path: string;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly mediaType: string;
  readonly createdAt: number;
}

/** `null` stands for settings that are switched off. */
export type ParameterValue = number | boolean | string | null;

/** One row of a run list. Times in epoch milliseconds. */
export interface RunSummary {
  readonly id: number;
  readonly project: string;
  readonly group?: string;
  readonly name: string;
  readonly status: RunStatus;
  readonly tags: readonly string[];
  readonly engine: string;
  readonly datasetDigest?: string;
  readonly createdAt: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** Of an ended run; a running one has none yet. */
  readonly durationMs?: number;
  /** When it was put into the trash. */
  readonly deletedAt?: number;
  /** Last value of every curve, overlaid with the run's summary. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** A run with all that is known of it except its curves, predictions and the bytes of its artifacts. */
export interface Run extends RunSummary {
  readonly config: JsonObject;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly environment: RunEnvironment;
  readonly notes?: string;
  readonly error?: RunError;
  readonly heartbeatAt?: number;
  /** 64 hex digits shared by the runs of the project that differ only in seeds. */
  readonly family?: string;
  readonly artifacts: readonly ArtifactRecord[];
  readonly ledgers: readonly { split: string; checkpoint: string; datasetDigest: string; count: number }[];
}

export interface CurvePoint {
  readonly step: number;
  readonly epoch: number | undefined;
  /** Epoch milliseconds. */
  readonly wallTime: number;
  /** May be NaN or infinite: it is what was logged. */
  readonly value: number;
}

export interface Curve {
  readonly key: string;
  readonly points: readonly CurvePoint[];
  /** How many points lie in blocks that are damaged and are not among `points`; absent: none. */
  readonly missing?: number;
}

/** A write that failed (and will be tried again), or input that was refused. */
export interface TrackerWarning {
  readonly code: 'TRACKER_WRITE' | 'TRACKER_INPUT' | 'TRACKER_RECOVERED_WRITE';
  readonly message: string;
  readonly cause?: unknown;
}
