import { encodePng, type Dataset } from '@atelier/data';
import type { DatasetRecord, RunSummary, Tracker } from '@atelier/tracker';
import type { DatasetFindings, DatasetSummary, Suspect } from '../api/data.ts';
import type { EvaluatedSplit } from '../api/query.ts';
import { NotFoundError } from '../errors.ts';
import { addLedger, confidentDisagreements, emptyTally, suspect, type Tally } from './data-tally.ts';
import type { DatasetSource } from './images.ts';

const EVERY_RUN = 1_000_000;
/** Samples shown of each class. */
const SAMPLES = 12;

function countLabels(labels: Uint8Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

async function loaded(datasets: DatasetSource, name: string): Promise<Dataset | undefined> {
  try {
    return await datasets(name);
  } catch {
    // its images are not here, or damaged; what the ledgers say holds all the same
    return undefined;
  }
}

function countsOf(record: DatasetRecord, dataset: Dataset | undefined): Record<string, number[]> {
  const classes = record.classNames.length;
  const counts: Record<string, number[]> = {};
  const val = record.splits['val'];
  if (dataset !== undefined && val !== undefined && record.splits['train'] === undefined) {
    const all = countLabels(dataset.train.labels, classes);
    const held = countLabels(val.labels, classes);
    counts['train'] = all.map((count, k) => Math.max(0, count - held[k]!));
  }
  for (const [split, { labels }] of Object.entries(record.splits))
    counts[split] = countLabels(labels, classes);
  return counts;
}

/** The datasets that runs used, the most used first. */
export async function listDatasets(tracker: Tracker, datasets: DatasetSource): Promise<DatasetSummary[]> {
  const uses = new Map<string, number>();
  for (const { datasetDigest } of tracker.listRuns({ limit: EVERY_RUN }))
    if (datasetDigest !== undefined) uses.set(datasetDigest, (uses.get(datasetDigest) ?? 0) + 1);
  const found: DatasetSummary[] = [];
  for (const [digest, runs] of [...uses].sort((a, b) => b[1] - a[1])) {
    const record = tracker.dataset(digest);
    if (record === undefined) continue;
    const dataset = await loaded(datasets, record.name);
    found.push({
      digest,
      name: record.name,
      runs,
      classNames: [...record.classNames],
      counts: countsOf(record, dataset),
      image: { ...record.image },
      hasImages: dataset !== undefined,
    });
  }
  return found;
}

interface Kept {
  counter: number;
  tally: Tally;
}

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Adds the runs not yet counted; starts anew where one that was counted is gone. Requests in between are answered. */
async function brought(
  tracker: Tracker,
  record: DatasetRecord,
  split: EvaluatedSplit,
  old: Tally,
): Promise<Tally> {
  const judged = ({ datasetDigest, status }: RunSummary) =>
    datasetDigest === record.digest && status !== 'RUNNING';
  const runs = tracker.listRuns({ limit: EVERY_RUN }).filter(judged);
  const present = new Set(runs.map(({ id }) => id));
  const labels = record.splits[split]!.labels;
  const tally = [...old.seen].every((id) => present.has(id))
    ? old
    : emptyTally(labels, record.classNames.length);
  for (const { id } of runs) {
    if (tally.seen.has(id)) continue;
    tally.seen.add(id);
    const ledger = tracker.predictions(id, { split });
    if (ledger?.datasetDigest === record.digest) addLedger(tally, ledger);
    await pause();
  }
  return tally;
}

/** Keeps each split's tally until something was written. */
export function tallies(tracker: Tracker): (record: DatasetRecord, split: EvaluatedSplit) => Promise<Tally> {
  const kept = new Map<string, Kept>();
  let queue: Promise<unknown> = Promise.resolve();
  const read = async (record: DatasetRecord, split: EvaluatedSplit): Promise<Tally> => {
    const key = `${record.digest}/${split}`;
    const counter = tracker.changeCounter();
    const known = kept.get(key);
    if (known?.counter === counter) return known.tally;
    const start = known?.tally ?? emptyTally(record.splits[split]!.labels, record.classNames.length);
    const tally = await brought(tracker, record, split, start);
    kept.set(key, { counter, tally });
    return tally;
  };
  // one after the other: two at once would count the same runs twice
  return (record, split) => {
    const mine = queue.then(() => read(record, split));
    queue = mine.catch(() => undefined);
    return mine;
  };
}

/** Positions of each class, evenly spread over the split. */
function spread(labels: Uint8Array, classes: number): number[][] {
  const positions: number[][] = Array.from({ length: classes }, () => []);
  labels.forEach((label, index) => positions[label]?.push(index));
  return positions.map((all) => {
    const shown = Math.min(SAMPLES, all.length);
    return Array.from({ length: shown }, (_, at) => all[Math.floor((at * all.length) / shown)]!);
  });
}

/** @throws NotFoundError where no run used the dataset, or it has no such split. */
export function datasetRecord(tracker: Tracker, digest: string, split: EvaluatedSplit): DatasetRecord {
  const record = tracker.dataset(digest);
  if (record?.splits[split] === undefined)
    throw new NotFoundError('DATASET_UNKNOWN', `no run used a ${split} split of a dataset ${digest}`);
  return record;
}

function mostMissed(tally: Tally, limit: number): Suspect[] {
  const order = [...tally.wrong.keys()]
    .filter((index) => tally.wrong[index]! > 0)
    .map((index) => suspect(tally, index));
  order.sort((a, b) => b.missed - a.missed || a.labelProbability - b.labelProbability || a.index - b.index);
  return order.slice(0, limit);
}

export function findingsOf(split: EvaluatedSplit, tally: Tally, limit: number): DatasetFindings {
  const { found, thresholds } = confidentDisagreements(tally);
  const times = [...tally.wrong];
  return {
    split,
    runs: tally.runs,
    count: tally.labels.length,
    missed: mostMissed(tally, limit),
    labelErrors: found.slice(0, limit),
    labelErrorTotal: found.length,
    alwaysMissed: tally.runs === 0 ? 0 : times.filter((wrong) => wrong === tally.runs).length,
    everMissed: times.filter((wrong) => wrong > 0).length,
    thresholds: thresholds.map((value) => (Number.isFinite(value) ? value : null)),
    samples: spread(tally.labels, tally.classes),
  };
}

/** The mean image of each class of a split, beside each other, as a PNG. */
export function meanImages(record: DatasetRecord, dataset: Dataset, split: EvaluatedSplit): Uint8Array {
  const set = split === 'test' ? dataset.test : dataset.train;
  const { labels, indices } = record.splits[split]!;
  const classes = record.classNames.length;
  const { width, height, channels } = set;
  const line = width * channels;
  const sums = new Float64Array(classes * height * line);
  labels.forEach((label, at) => {
    const from = indices[at]! * height * line;
    for (let k = 0; k < height * line; k++) sums[label * height * line + k]! += set.images[from + k] ?? 0;
  });
  const counts = countLabels(labels, classes);
  const pixels = new Uint8Array(sums.length);
  sums.forEach((sum, at) => {
    const [label, inside] = [Math.floor(at / (height * line)), at % (height * line)];
    const [y, x] = [Math.floor(inside / line), inside % line];
    pixels[y * line * classes + label * line + x] = Math.round(sum / Math.max(1, counts[label]!));
  });
  return encodePng({ width: width * classes, height, channels: channels === 3 ? 3 : 1, pixels });
}
