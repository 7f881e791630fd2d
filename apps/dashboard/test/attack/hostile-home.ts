import { openRegistry } from '@atelier/registry';
import type { DatasetRecord, Tracker } from '@atelier/tracker';
import { randomStream } from '@atelier/data';
import { addSweep } from '../sweep-store.ts';
import { CLASSES, addRun, labels, logEpoch, record, startRun } from '../store.ts';

/** What a page would run, were it ever taken for markup; it says so by a global. */
export const SCRIPT = '<img src=x onerror="window.attacked=1">"><script>window.attacked=1</script>';

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" onload="window.attacked=1"><script>window.attacked=1</script></svg>`;

/** Names that every object has, and one that changes what it inherits. */
export const INHERITED = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

function hostileDataset(): DatasetRecord {
  const named = [
    SCRIPT,
    'constructor',
    '__proto__',
    "'; DROP TABLE runs; --",
    '\u202eesrever',
    '=HYPERLINK("x")',
  ];
  const classNames = CLASSES.map((name, at) => named[at] ?? name);
  return { ...record({ val: labels(200), test: labels(400) }), digest: 'e'.repeat(64), classNames };
}

/**
 * Fills a home with what an import may bring: names that are markup, formulas, escape codes or inherited by every object.
 * @returns the ids of three runs, the last one the hostile, and of a sweep.
 */
export async function fillHostile(tracker: Tracker): Promise<{ runs: number[]; sweep: number }> {
  const plain = record({ val: labels(200), test: labels(400) });
  const runs = [1, 2].map((seed) => addRun(tracker, { name: `run ${seed}`, seed, accuracy: 0.8 }, plain));
  const settings = Object.fromEntries(INHERITED.map((name, at) => [name, at]));
  const run = startRun(tracker, {
    name: SCRIPT,
    seed: 3,
    accuracy: 0.9,
    settings: { ...settings, note: SCRIPT },
  });
  logEpoch(run, 1, randomStream(3));
  for (const [at, name] of [...INHERITED, SCRIPT].entries()) run.log({ [name]: at }, { step: 1, epoch: 1 });
  const dataset = hostileDataset();
  run.logDataset(dataset);
  for (const split of ['val', 'test'] as const) {
    const truth = dataset.splits[split]!.labels;
    const probabilities = new Float32Array(truth.length * 10).map((_, at) => (at % 10 === 3 ? 0.55 : 0.05));
    run.logPredictions({
      split,
      checkpoint: 'best',
      datasetDigest: dataset.digest,
      classes: 10,
      probabilities,
    });
  }
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  run.logArtifact('picture.svg', bytes(SVG), 'image/svg+xml');
  run.logArtifact('page.html', bytes(SCRIPT), 'text/html');
  run.logArtifact('model/model.json', bytes('{"modelTopology":{},"weightsManifest":[]}'), 'application/json');
  run.finish();
  using registry = openRegistry({ home: tracker.home });
  registry.register(run.id, { model: 'bars', by: SCRIPT, notes: SCRIPT });
  tracker.annotate(run.id, { add: [SCRIPT, 'constructor'], notes: `${SCRIPT}\n${'long '.repeat(200)}` });
  const sweep = await addSweep(tracker, { name: SCRIPT, trials: 12, twoObjectives: true });
  return { runs: [...runs, run.id], sweep };
}
