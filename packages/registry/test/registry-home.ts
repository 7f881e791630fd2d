import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openTracker } from '@atelier/tracker';
import { START } from '@atelier/tracker/testing/home-data';
import type { SmokeCheck } from '../src/promotion.ts';
import { parseGate, type Gate } from '../src/gate.ts';

export const CLASSES = ['T-shirt/top', 'Trouser', 'Shirt', 'Ankle boot'];
export const DIGEST = 'd'.repeat(64);
export const FIXTURE = fileURLToPath(new URL('fixture/', import.meta.url));

/** A smoke check that finds nothing to complain about, without a model. */
export const answers: SmokeCheck = async () => ({
  status: 'passed',
  detail: 'taken on trust in this test',
  latency: { p50: 3, p99: 9, calls: 100 },
});

/** Numbers in [0, 1) from a seed. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export interface MadeRun {
  readonly name: string;
  readonly seed?: number;
  /** Share of each class that is found. */
  readonly recalls: readonly number[];
  readonly digest?: string;
  readonly split?: string;
  readonly samplesPerClass?: number;
  readonly learningRate?: number;
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** Labels in turn, and answers in which hard samples are hard for every run. */
function makeLedger({ recalls, seed = 1, samplesPerClass = 300 }: MadeRun) {
  const count = samplesPerClass * CLASSES.length;
  const difficulty = uniform(99);
  const noise = uniform(1000 + seed);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % CLASSES.length);
  const probabilities = new Float32Array(count * CLASSES.length);
  labels.forEach((label, i) => {
    const right = difficulty() + 0.04 * (noise() - 0.5) < recalls[label]!;
    const predicted = right ? label : (label + 1) % CLASSES.length;
    const confidence = 0.7 + 0.29 * noise();
    probabilities.fill((1 - confidence) / (CLASSES.length - 1), i * 4, i * 4 + 4);
    probabilities[i * 4 + predicted] = confidence;
  });
  return { labels, indices: Uint32Array.from(labels.keys()), probabilities };
}

/** Records a finished run with a ledger and model files; its id. */
export function recordRun(home: string, made: MadeRun): number {
  const { name, seed = 1, digest = DIGEST, split = 'test', learningRate = 0.001 } = made;
  using tracker = openTracker({ home });
  const config = { ...START.config, optimizer: { kind: 'adam', learningRate }, seed };
  const run = tracker.startRun({ ...START, name, config, datasetDigest: digest });
  const { labels, indices, probabilities } = makeLedger(made);
  run.logDataset({
    digest,
    name: 'clothes',
    classNames: CLASSES,
    image: { height: 8, width: 8, channels: 1 },
    splits: { [split]: { labels, indices } },
  });
  run.logPredictions({
    split,
    checkpoint: 'best',
    datasetDigest: digest,
    classes: CLASSES.length,
    probabilities,
  });
  const files = made.files ?? {
    'model/model.json': Buffer.from(`{"of":"${name}"}`),
    'model/weights.bin': Buffer.alloc(64, seed),
  };
  for (const [path, bytes] of Object.entries(files)) run.logArtifact(path, bytes, 'application/octet-stream');
  run.finish();
  return run.id;
}

/** The files of a small model that was really trained nowhere but really exported (`saveModel` of a seed CNN for 8x8 images). */
export function exportedModel(): Record<string, Uint8Array> {
  return {
    'model/model.json': readFileSync(`${FIXTURE}model.json`),
    'model/weights.bin': readFileSync(`${FIXTURE}weights.bin`),
  };
}

export const GATE_TEXT = `# what a champion has to show
description: no class may get worse
firstVersion: allow
bootstraps: 200
require:
  - delta.accuracy.low > -0.002
  - class.*.delta.recall.low > -0.05   # per class
  - class["T-shirt/top"].recall.low > 0.5
  - ece.high < 0.5
  - size.bytes < 8_000_000
  - latency.p99 < 20
  - seeds >= 1
  - testSetUses <= 20
`;

export function gate(text = GATE_TEXT): Gate {
  return parseGate(text, 'gates/champion.yaml');
}
