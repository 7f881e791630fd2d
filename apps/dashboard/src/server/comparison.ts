import { answerFlow, stacks, verdict } from '@atelier/metrics';
import {
  compareLedgersAside,
  type EvidenceThread,
  registryOf,
  type Registry,
  type RunComparison,
} from '@atelier/registry';
import type { Tracker } from '@atelier/tracker';
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

interface Found {
  readonly compared: RunComparison;
  readonly answer: Comparison;
}

interface Kept {
  readonly print: string;
  /** Asked for twice at once, it is computed once. */
  readonly found: Promise<Found>;
}

/** Compares runs of one tracker; what was computed once is kept until a ledger or the count of uses changes. */
export class Comparer {
  private readonly tracker: Tracker;
  private readonly thread: EvidenceThread;
  private readonly kept = new Map<string, Kept>();
  private readonly registry: Registry;

  constructor(tracker: Tracker, thread: EvidenceThread) {
    this.tracker = tracker;
    this.thread = thread;
    // read only: opening a page does not count as a use of the split, deciding by the command line does
    this.registry = registryOf(tracker, { readonly: true });
  }

  /** @throws LedgerMismatchError, NotFoundError, RunUnknownError. */
  private async find(query: PairQuery): Promise<Found> {
    const pair = pairOf(this.tracker, query);
    const look = {
      datasetDigest: pair[0].predictions.datasetDigest,
      split: query.split,
      runA: query.a,
      runB: query.b,
      command: 'dashboard',
    };
    const use = query.split === 'test' ? this.registry.countLook(look) : undefined;
    const key = `${query.a}/${query.b}/${query.split}`;
    const print = fingerprint(pair, use?.uses);
    const known = this.kept.get(key);
    this.kept.delete(key);
    const kept = known?.print === print ? known : { print, found: this.compute(query, pair, use) };
    this.kept.set(key, kept);
    if (this.kept.size > MOST_KEPT) this.kept.delete(this.kept.keys().next().value!);
    try {
      return await kept.found;
    } catch (error) {
      // the next to ask may fare better
      if (this.kept.get(key) === kept) this.kept.delete(key);
      throw error;
    }
  }

  private async compute(
    { a, b, split }: PairQuery,
    pair: [Judged, Judged],
    use: RunComparison['use'],
  ): Promise<Found> {
    const context = {
      tracker: this.tracker,
      seedFamily: (run: number) => this.registry.seedFamily(run),
      countLook: () => use,
    };
    const request = { a: { runId: a }, b: { runId: b }, split };
    const compared = await compareLedgersAside(context, request, this.thread);
    return { compared, answer: toAnswer(compared, pair, split) };
  }

  async compare(query: PairQuery): Promise<Comparison> {
    return (await this.find(query)).answer;
  }

  /** As the tracker says it, for its reports. */
  async comparison(query: PairQuery): Promise<RunComparison> {
    return (await this.find(query)).compared;
  }

  /** The images behind a difference, in four stacks, with both runs' probabilities. */
  async stacks(query: StacksQuery): Promise<StackSet> {
    // refuses ledgers of different samples
    await this.find(query);
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
