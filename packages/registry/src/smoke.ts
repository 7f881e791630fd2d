import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { artifactFile, loadArtifact, type Tracker } from '@atelier/tracker';
import { checkModelFiles, type ModelFiles } from './model-files.ts';
import type { SmokeCheck } from './promotion.ts';
import type { ModelVersion, SmokeResult } from './schema.ts';
import { fault, judgeImages } from './smoke-images.ts';
import { failed, storedSamples, unavailable, type StoredSamples } from './smoke-samples.ts';

/** What the child process is to do; files by their absolute paths. */
export interface SmokeTask {
  readonly modelJson: string;
  readonly weights: readonly string[];
  /** Shape of the uint8 images that follow the task on standard input. */
  readonly images: readonly number[] | undefined;
  /** Milliseconds after which no more images are asked. */
  readonly patience: number;
  /** Single images to time. */
  readonly calls: number;
}

interface Output {
  readonly shape: readonly number[];
  /** NaN comes as "NaN", infinities as null. */
  readonly values: readonly (number | string | null)[];
}

/** What it found. */
export interface SmokeAnswer {
  readonly backend: string;
  readonly inputShape: readonly number[];
  readonly zeros: Output;
  /** As many answers as there was time for: `[asked, classes]`, float32 in base64. */
  readonly images: { readonly shape: readonly number[]; readonly float32: string } | undefined;
  /** Milliseconds of each call with one image. */
  readonly times: readonly number[];
}

const CALLS = 200;
const PATIENCE_MS = 240_000;
const TIMEOUT_MS = PATIENCE_MS + 60_000;

const CHILD = fileURLToPath(new URL('smoke-child.mjs', import.meta.url));

/** The files have to be there with the bytes that were registered. */
function damage(home: string, version: ModelVersion): string | undefined {
  for (const { path, sha256 } of version.files) {
    try {
      loadArtifact(home, sha256);
    } catch (error) {
      return `${path}: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return undefined;
}

function tensorFlowMissing(): string | undefined {
  const resolve = createRequire(import.meta.url).resolve;
  for (const name of ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers']) {
    try {
      resolve(name);
    } catch {
      return name;
    }
  }
  return undefined;
}

function runChild(
  task: SmokeTask,
  images: Uint8Array | undefined,
): Promise<SmokeAnswer | { readonly error: string }> {
  return new Promise((resolve) => {
    const options = { timeout: TIMEOUT_MS, maxBuffer: 2 ** 26, killSignal: 'SIGKILL' } as const;
    const child = execFile(process.execPath, [CHILD], options, (error, stdout, stderr) => {
      const last = stdout.trimEnd().split('\n').at(-1) ?? '';
      if (error === null && last.startsWith('{')) {
        resolve(JSON.parse(last) as SmokeAnswer | { error: string });
        return;
      }
      const why = error?.killed
        ? `it did not answer within ${TIMEOUT_MS / 1000} s`
        : stderr.trim().slice(-400);
      resolve({ error: why || 'its process ended without an answer' });
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.write(`${JSON.stringify(task)}\n`);
    child.stdin?.end(images);
  });
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
}

/** Judges what the child process answered; `stored` says why there are no images where there are none. */
export function judgeAnswer(
  answer: SmokeAnswer | { readonly error: string },
  classes: number | undefined,
  stored: StoredSamples | SmokeResult,
  precision: string,
): SmokeResult {
  if ('error' in answer) return failed(answer.error);
  const { shape, values } = answer.zeros;
  const wrong = fault('a blank image', shape, values, 1, classes);
  if (wrong !== undefined) return failed(wrong);
  const times = answer.times.toSorted((a, b) => a - b);
  const measured = {
    engine: `TensorFlow.js ${answer.backend}`,
    outputShape: [...shape],
    latency: { p50: quantile(times, 0.5), p99: quantile(times, 0.99), calls: times.length },
  };
  const answers = `loads and answers: [${answer.inputShape.join(', ')}] to [${shape.join(', ')}]`;
  if ('status' in stored) {
    return {
      ...measured,
      ...stored,
      detail: `${answers}; its images were not asked again: ${stored.detail}`,
    };
  }
  const { status, detail, images } = judgeImages(answer.images!, stored, precision);
  return { ...measured, status, detail: status === 'failed' ? detail : `${answers}; ${detail}`, images };
}

interface Found {
  readonly modelJson: string;
  readonly files: ModelFiles;
  fileOf(name: string): string;
}

/** Finds the model among a version's files, checked; or says in words what is wrong. */
function findModel(home: string, version: ModelVersion): Found | SmokeResult {
  const json = version.files.find(({ path }) => path === 'model.json' || path.endsWith('/model.json'));
  if (json === undefined)
    return unavailable('the version has no model.json: nothing here knows how to load it');
  const folder = json.path.slice(0, -'model.json'.length);
  const beside = (name: string) => version.files.find(({ path }) => path === folder + name);
  const modelJson = artifactFile(home, json.sha256);
  const files = checkModelFiles(readFileSync(modelJson), (name) => beside(name)?.size);
  if (typeof files === 'string') return failed(files);
  if (files.format !== 'layers-model') {
    return unavailable(`it is a ${files.format}: only layers models of TensorFlow.js can be tried`);
  }
  return { modelJson, files, fileOf: (name) => artifactFile(home, beside(name)!.sha256) };
}

/**
 * The smoke check: files by SHA-256 and by the model's own manifest, then, in a process of its own with plain
 * TensorFlow.js, a blank image, the latency of one, and every image of the judged split against the ledger.
 */
export function smokeCheckOf(tracker: Tracker): SmokeCheck {
  return async (version, split) => {
    const damaged = damage(tracker.home, version);
    if (damaged !== undefined) return failed(damaged);
    const found = findModel(tracker.home, version);
    if ('status' in found) return found;
    const missing = tensorFlowMissing();
    if (missing !== undefined)
      return unavailable(`${missing} is not installed here, so the model was not loaded`);
    const stored = await storedSamples(tracker, version, split);
    if ('status' in stored && stored.status === 'failed') return stored;
    const images = 'status' in stored ? undefined : stored;
    const answer = await runChild(
      {
        modelJson: found.modelJson,
        weights: found.files.weightPaths.map((name) => found.fileOf(name)),
        images: images?.shape,
        patience: PATIENCE_MS,
        calls: CALLS,
      },
      images?.images,
    );
    const run = tracker.getRun(version.runId);
    return judgeAnswer(answer, images?.ledger.classes, stored, run.environment.engine.precision);
  };
}
