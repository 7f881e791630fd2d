import { answerFlow, stacks, verdict } from '@atelier/metrics';
import {
  compareLedgers,
  openRegistry,
  type Registry,
  type RunComparison,
  type Tracker,
} from '@atelier/tracker';
import {
  STACKS,
  type Comparison,
  type PairedSample,
  type PairQuery,
  type StackSet,
  type StacksQuery,
} from '../api/compare.ts';
import { judge, type Judged } from './evaluation.ts';

/** Comparisons kept: each holds a few hundred kilobytes. */
const MOST_KEPT = 64;

/** Both runs' answers to the same samples. @throws what {@link judge} throws. */
function pairOf(tracker: Tracker, { a, b, split }: PairQuery): [Judged, Judged] {
  return [judge(tracker, a, split), judge(tracker, b, split)];
}

/** Changes with whatever the comparison is made of: the ledgers, the labels, the uses of the split. */
function fingerprint([a, b]: [Judged, Judged], uses: number | undefined): string {
  const of = ({ predictions, labels }: Judged): string =>
    [predictions.datasetDigest, predictions.checkpoint, labels.length].join();
  return `${of(a)};${of(b)};${uses ?? ''}`;
}

function flowOf([a, b]: [Judged, Judged], classes: number): number[][][] {
  const ledgers = {
    labels: a.labels,
    predictedA: a.predictions.predicted,
    predictedB: b.predictions.predicted,
  };
  return Array.from({ length: classes }, (_, label) => {
    const flow = answerFlow(ledgers, classes, label);
    return Array.from({ length: classes }, (_row, from) => [
      ...flow.subarray(from * classes, (from + 1) * classes),
    ]);
  });
}

function toAnswer(compared: RunComparison, pair: [Judged, Judged], split: PairQuery['split']): Comparison {
  const { dataset, a, b, evidence, use } = compared;
  const side = ({ runId, runName, checkpoint, matrix, seeds }: RunComparison['a']) => ({
    runId,
    runName,
    checkpoint,
    matrix: matrix.map((row) => [...row]),
    seeds: seeds.map((seed) => ({ ...seed })),
  });
  return {
    split,
    dataset: { ...dataset, classNames: [...dataset.classNames] },
    a: side(a),
    b: side(b),
    evidence,
    outcome: verdict(evidence).outcome,
    verdict: [...compared.verdict],
    uses: use?.uses ?? null,
    flow: flowOf(pair, dataset.classNames.length),
  };
}

interface Kept {
  readonly print: string;
  readonly compared: RunComparison;
  readonly answer: Comparison;
}

/** Compares runs of one tracker; what was computed once is kept until a ledger or the count of uses changes. */
export class Comparer {
  private readonly tracker: Tracker;
  private readonly kept = new Map<string, Kept>();
  private registry: Registry | undefined;

  constructor(tracker: Tracker) {
    this.tracker = tracker;
  }

  /** @throws LedgerMismatchError, NotFoundError, RunUnknownError. */
  private find(query: PairQuery): Kept {
    const pair = pairOf(this.tracker, query);
    const look = {
      datasetDigest: pair[0].predictions.datasetDigest,
      split: query.split,
      runA: query.a,
      runB: query.b,
      command: 'dashboard',
    };
    // read only: opening a page does not count as a use of the split, deciding by the command line does
    const registry = (this.registry ??= openRegistry({ home: this.tracker.home, readonly: true }));
    const use = query.split === 'test' ? registry.countLook(look) : undefined;
    const key = `${query.a}/${query.b}/${query.split}`;
    const print = fingerprint(pair, use?.uses);
    const known = this.kept.get(key);
    this.kept.delete(key);
    const found = known?.print === print ? known : { print, ...this.compute(query, pair, use) };
    this.kept.set(key, found);
    if (this.kept.size > MOST_KEPT) this.kept.delete(this.kept.keys().next().value!);
    return found;
  }

  private compute(
    { a, b, split }: PairQuery,
    pair: [Judged, Judged],
    use: RunComparison['use'],
  ): Omit<Kept, 'print'> {
    const context = {
      tracker: this.tracker,
      seedFamily: (run: number) => this.registry!.seedFamily(run),
      countLook: () => use,
    };
    const compared = compareLedgers(context, { a: { runId: a }, b: { runId: b }, split });
    return { compared, answer: toAnswer(compared, pair, split) };
  }

  compare(query: PairQuery): Comparison {
    return this.find(query).answer;
  }

  /** As the tracker says it, for its reports. */
  comparison(query: PairQuery): RunComparison {
    return this.find(query).compared;
  }

  /** The images behind a difference, in four stacks, with both runs' probabilities. */
  stacks(query: StacksQuery): StackSet {
    // refuses ledgers of different samples
    this.find(query);
    const [a, b] = pairOf(this.tracker, query);
    const cell =
      query.true === undefined || query.predicted === undefined
        ? undefined
        : { label: query.true, predicted: query.predicted };
    const found = stacks(
      { labels: a.labels, predictedA: a.predictions.predicted, predictedB: b.predictions.predicted },
      cell,
    );
    const wanted = query.stack === undefined ? STACKS : [query.stack];
    return {
      offset: query.offset,
      stacks: wanted.map((name) => ({
        name,
        total: found[name].length,
        samples: [...found[name].subarray(query.offset, query.offset + query.limit)].map((index) =>
          pairedSample(a, b, index),
        ),
      })),
    };
  }
}

function pairedSample(a: Judged, b: Judged, index: number): PairedSample {
  const answer = ({ predictions: { classes, predicted, probabilities } }: Judged) => ({
    predicted: predicted[index] ?? 0,
    probabilities: [...probabilities.subarray(index * classes, (index + 1) * classes)],
  });
  return { index, true: a.labels[index] ?? 0, a: answer(a), b: answer(b) };
}
