import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { artifactFile, loadArtifact, type Tracker } from '@atelier/tracker';
import { checkModelFiles, type ModelFiles } from './model-files.ts';
import type { SmokeCheck } from './promotion.ts';
import type { ModelVersion, SmokeResult } from './schema.ts';
import { storedSamples, type StoredSamples } from './smoke-samples.ts';

/** What the child process is to do; files by their absolute paths. */
export interface SmokeTask {
  readonly modelJson: string;
  readonly weights: readonly string[];
  readonly images: { readonly shape: readonly number[]; readonly values: readonly number[] } | undefined;
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
  readonly images: Output | undefined;
  /** Milliseconds of each call with one image. */
  readonly times: readonly number[];
}

const IMAGES = 64;
const CALLS = 200;
const TIMEOUT_MS = 180_000;
/** Other engines round otherwise: now and then an image on the edge falls to the other side. Another model agrees by chance. */
const AGREEMENT = 0.95;

const CHILD = fileURLToPath(new URL('smoke-child.mjs', import.meta.url));

function failed(detail: string): SmokeResult {
  return { status: 'failed', detail };
}

function unavailable(detail: string): SmokeResult {
  return { status: 'unavailable', detail };
}

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

function runChild(task: SmokeTask): Promise<SmokeAnswer | { readonly error: string }> {
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
    child.stdin?.end(JSON.stringify(task));
  });
}

/** What is wrong with an answer as probabilities: shape, finiteness, sum. */
function fault(
  what: string,
  { shape, values }: Output,
  rows: number,
  classes: number | undefined,
): string | undefined {
  const [count, width] = shape;
  if (
    shape.length !== 2 ||
    count !== rows ||
    width === undefined ||
    (classes !== undefined && width !== classes)
  ) {
    return `${what} gave the shape [${shape.join(', ')}], expected [${rows}, ${classes ?? 'classes'}]`;
  }
  for (let row = 0; row < rows; row++) {
    const answer = values.slice(row * width, (row + 1) * width);
    if (!answer.every((value) => typeof value === 'number'))
      return `${what} gave NaN or infinite probabilities`;
    const sum = (answer as number[]).reduce((total, value) => total + value, 0);
    if (Math.abs(sum - 1) > 1e-3)
      return `${what} gave probabilities that add up to ${sum.toPrecision(6)}, not 1`;
  }
  return undefined;
}

function agreeing({ shape, values }: Output, predicted: Uint8Array): number {
  const width = shape[1]!;
  const argmax = (row: number): number => {
    let best = 0;
    for (let k = 1; k < width; k++) if (values[row * width + k]! > values[row * width + best]!) best = k;
    return best;
  };
  return predicted.reduce((sum, of, row) => sum + Number(argmax(row) === of), 0);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
}

/** Judges what the child process answered. */
export function judgeAnswer(
  answer: SmokeAnswer | { readonly error: string },
  classes: number | undefined,
  stored: StoredSamples | undefined,
): SmokeResult {
  if ('error' in answer) return failed(answer.error);
  const wrong =
    fault('a blank image', answer.zeros, 1, classes) ??
    (answer.images && fault('stored images', answer.images, stored!.shape[0], classes));
  if (wrong !== undefined) return failed(wrong);
  const asked = stored?.shape[0] ?? 0;
  const asInLedger = answer.images === undefined ? 0 : agreeing(answer.images, stored!.predicted);
  if (asInLedger < AGREEMENT * asked) {
    return failed(
      `it answers ${asInLedger} of ${asked} stored images as its ledger says: these files are not the model that was judged`,
    );
  }
  const times = answer.times.toSorted((a, b) => a - b);
  const images =
    asked === 0 ? 'no stored images found' : `${asInLedger} of ${asked} stored images as in its ledger`;
  return {
    status: 'passed',
    detail: `loads and answers: [${answer.inputShape.join(', ')}] to [${answer.zeros.shape.join(', ')}]; ${images}`,
    engine: `TensorFlow.js ${answer.backend}`,
    outputShape: [...answer.zeros.shape],
    ...(asked > 0 && { images: { asked, asInLedger } }),
    latency: { p50: quantile(times, 0.5), p99: quantile(times, 0.99), calls: times.length },
  };
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
 * The smoke check of the command line: files by SHA-256 and by the model's own manifest, then, in a process of its own
 * with plain TensorFlow.js, a blank image, stored images of the judged split against the ledger, and the latency of one.
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
    const digest = tracker.predictions(version.runId, {
      split,
      checkpoint: version.checkpoint,
    })?.datasetDigest;
    const classes = digest === undefined ? undefined : tracker.dataset(digest)?.classNames.length;
    const stored = storedSamples(tracker, version, split, IMAGES);
    const answer = await runChild({
      modelJson: found.modelJson,
      weights: found.files.weightPaths.map((name) => found.fileOf(name)),
      images: stored && { shape: stored.shape, values: [...stored.images] },
      calls: CALLS,
    });
    return judgeAnswer(answer, classes, stored);
  };
}
