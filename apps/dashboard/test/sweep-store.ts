import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomStream, type RandomStream } from '@atelier/data';
import { createPruner, PrunerSpec, SearchSpace, type Trial } from '@atelier/search';
import { openSweeps, type Sweep, type Sweeps, type Tracker } from '@atelier/tracker';

export const SPACE = SearchSpace.parse({
  parameters: {
    'optimizer.learningRate': { kind: 'float', low: 1e-4, high: 1e-1, log: true },
    'model.dropout': { kind: 'float', low: 0, high: 0.6 },
    'model.width': { kind: 'int', low: 16, high: 128, step: 16 },
    'optimizer.kind': { kind: 'choice', values: ['adam', 'sgd', 'momentum'] },
    'optimizer.momentum': { kind: 'float', low: 0.5, high: 0.99, when: { 'optimizer.kind': 'momentum' } },
  },
});

const ACCURACY = { metric: 'val/accuracy', direction: 'maximize' } as const;
const SIZE = { metric: 'model/bytes', direction: 'minimize' } as const;

export interface SweepShape {
  readonly name: string;
  readonly trials: number;
  readonly seeds?: readonly number[];
  readonly twoObjectives?: boolean;
  readonly workers?: number;
  /** Milliseconds that an epoch takes. */
  readonly epochMs?: number;
  /** Trials left undone, as in a sweep that was stopped. */
  readonly leave?: number;
  /** The run of a trial, by its number. */
  readonly runOf?: (number: number) => number | undefined;
}

type Point = Record<string, number | string>;

function draw(stream: RandomStream): Point {
  const kind = ['adam', 'sgd', 'momentum'][stream.below(3)]!;
  return {
    'optimizer.learningRate': 10 ** (-4 + 3 * stream.uniform()),
    'model.dropout': 0.6 * stream.uniform(),
    'model.width': 16 * (1 + stream.below(8)),
    'optimizer.kind': kind,
    ...(kind === 'momentum' && { 'optimizer.momentum': 0.5 + 0.49 * stream.uniform() }),
  };
}

/** Where training would end: best near a rate of 3e-3, moderate dropout and much width. */
function limit(point: Point): number {
  const rate = Math.log10(Number(point['optimizer.learningRate'])) + 2.5;
  const dropout = Number(point['model.dropout']) - 0.25;
  const kind = point['optimizer.kind'] === 'sgd' ? 0.012 : 0;
  return 0.92 - 0.03 * rate ** 2 - 0.12 * dropout ** 2 + 0.0001 * Number(point['model.width']) - kind;
}

const EPOCHS = 6;

/** Works through the queue as one worker would, with a median pruner. */
async function work(sweeps: Sweeps, sweep: Sweep, shape: SweepShape, worker: string): Promise<void> {
  const pruner = createPruner(PrunerSpec.parse({ kind: 'median', warmupSteps: 2 }), {
    objective: ACCURACY,
    seed: 1,
  });
  const left = (): number => sweeps.get(sweep.id).counts.QUEUED;
  while (left() > (shape.leave ?? 0)) {
    const claim = sweeps.claim(sweep.id, { worker, leaseMs: 60_000 });
    if (!claim) return;
    const { trial, token } = claim;
    const stream = randomStream(7, shape.name, trial.number);
    const runId = shape.runOf?.(trial.number);
    if (runId !== undefined) sweeps.attachRun(trial.id, token, runId);
    if (trial.number % 19 === 11) {
      sweeps.fail(trial.id, token, { code: 'DIVERGED', message: 'loss is NaN at step 31' });
      continue;
    }
    await train(sweeps, trial.id, token, { shape, stream, point: trial.parameters as Point, pruner, sweep });
  }
}

interface Training {
  readonly shape: SweepShape;
  readonly stream: RandomStream;
  readonly point: Point;
  readonly pruner: ReturnType<typeof createPruner>;
  readonly sweep: Sweep;
}

async function train(
  sweeps: Sweeps,
  id: number,
  token: string,
  { shape, stream, point, pruner, sweep }: Training,
) {
  let value = 0;
  for (let step = 1; step <= EPOCHS; step++) {
    await sleep((shape.epochMs ?? 0) * (0.5 + stream.uniform()));
    value = limit(point) - 0.3 * Math.exp(-step) + 0.004 * (stream.uniform() - 0.5);
    sweeps.report(id, token, { step, value });
    const history = sweeps.trials(sweep.id, { reports: true }) as readonly Trial[];
    const { prune, reason } = pruner.judge(
      history,
      history.find((trial) => (trial as { id?: number }).id === id)!,
    );
    if (prune) return sweeps.prune(id, token, reason);
  }
  const bytes = 40_000 + 3200 * Number(point['model.width']);
  sweeps.complete(id, token, shape.twoObjectives ? [value, bytes] : [value]);
}

/** A sweep as it would be after its workers, through the store's own calls. */
export async function addSweep(tracker: Tracker, shape: SweepShape): Promise<number> {
  const sweeps = openSweeps(tracker);
  const seeds = shape.seeds ?? [1];
  const sweep = sweeps.create({
    project: 'fashion-mnist',
    name: shape.name,
    codeVersion: '1',
    maxAttempts: 1,
    spec: {
      space: JSON.parse(JSON.stringify(SPACE)),
      objectives: shape.twoObjectives ? [ACCURACY, SIZE] : [ACCURACY],
      sampler: { kind: 'random' },
      pruner: { kind: 'median', warmupSteps: 2 },
      seeds: [...seeds],
      trials: shape.trials,
    },
  });
  const lead = sweeps.lead(sweep.id, { owner: 'test', leaseMs: 60_000 });
  const starts = Array.from({ length: shape.trials }, (_, index) => {
    const parameters = draw(randomStream(3, shape.name, Math.floor(index / seeds.length)));
    const seed = seeds[index % seeds.length]!;
    const key = createHash('sha256')
      .update(JSON.stringify([shape.name, parameters, seed]))
      .digest('hex');
    return { key, parameters, config: { ...parameters, seed }, seed };
  });
  sweeps.enqueue(sweep.id, lead, starts);
  const workers = Array.from({ length: shape.workers ?? 2 }, (_, i) =>
    work(sweeps, sweep, shape, `worker-${i + 1}`),
  );
  await Promise.all(workers);
  sweeps.release(sweep.id, lead, shape.leave ? 'STOPPED' : 'FINISHED');
  return sweep.id;
}
