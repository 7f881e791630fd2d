/**
 * How often the race prunes a candidate that is truly as good as the best, and how soon it sees one that is not.
 *
 *   npx tsx packages/search/bench/pruners-racing.ts [--short] [--json] [--figure=path.svg]
 *
 * Samples differ in difficulty; a candidate has sample i right with probability p_i, and keeps most of its answers from
 * one epoch to the next. "Equal" candidates share the same p_i, so that pruning one is always a mistake. The best is
 * picked among its rivals on the very samples that it is then compared on, which flatters it.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type RandomStream, randomStream } from '@atelier/data';
import { wilsonInterval } from '@atelier/metrics';
import { race } from '../src/index.ts';
import { drawFigure } from './pruners-figure.ts';

const HELP = `usage: npx tsx packages/search/bench/pruners-racing.ts [--short] [--json] [--figure=path.svg]
  --short    40 races of ten looks per setting instead of 2000; ten times as many of one look
  --json     one JSON document
  --figure   writes the rates as an SVG`;

const SAMPLES = 2500;
const ALPHA = 0.05;
/** Share of the answers drawn anew at each epoch. */
const REDRAWN = 0.3;

export interface Rate {
  readonly looks: number;
  readonly rivals: number;
  /** Accuracy that the candidate truly lacks, in points. */
  readonly worseBy: number;
  readonly spending: string;
  readonly races: number;
  readonly pruned: number;
  readonly rate: number;
  readonly low: number;
  readonly high: number;
  /** Mean look of those that were pruned; null for none. */
  readonly meanLook: number | null;
}

/** Chance of being right per sample: two thirds easy, the rest from hopeless to easy; mean about 0.9. */
function difficulties(stream: RandomStream): Float64Array {
  return Float64Array.from({ length: SAMPLES }, () => {
    const easy = stream.uniform();
    return easy < 0.75 ? 0.995 : Math.sqrt(stream.uniform());
  });
}

/** Turns all chances down so that the mean accuracy is lower by `by`. */
function lowered(chances: Float64Array, by: number): Float64Array {
  const mean = chances.reduce((sum, p) => sum + p, 0) / chances.length;
  return chances.map((p) => (p * (mean - by)) / mean);
}

/** One word per sample: its low byte says whether the answer is drawn anew, the rest what it then is. */
function answer(chances: Float64Array, { uint32 }: RandomStream, before?: Uint8Array): Uint8Array {
  const answers = new Uint8Array(chances.length);
  for (let i = 0; i < answers.length; i++) {
    const word = uint32();
    const old = before !== undefined && (word & 255) >= 256 * REDRAWN;
    answers[i] = old ? before[i]! : word >>> 8 < chances[i]! * 16777216 ? 1 : 0;
  }
  return answers;
}

function accuracy(answers: Uint8Array): number {
  return answers.reduce((sum, right) => sum + right, 0);
}

/** The naive rule: two-sided mid-p at 0.05 at every look, whoever the best was picked from. */
const NAIVE = 'none';
const RULES = ['pocock', 'obrien-fleming', 'linear', NAIVE] as const;

type Setting = Pick<Rate, 'looks' | 'rivals' | 'worseBy'>;

function planOf(rule: (typeof RULES)[number], { looks, rivals }: Setting, look: number) {
  if (rule === NAIVE) return { look: 1, looks: 1, rivals: 1, alpha: ALPHA / 2, spending: 'linear' as const };
  return { looks, rivals, look, alpha: ALPHA, spending: rule };
}

/** The look at which each rule prunes the candidate, in the order of RULES; 0 for never. All see the same answers. */
function oneRace(setting: Setting, stream: RandomStream): number[] {
  const chances = difficulties(stream);
  const worse = lowered(chances, setting.worseBy / 100);
  const droppedAt = RULES.map(() => 0);
  let rivals: (Uint8Array | undefined)[] = Array.from({ length: setting.rivals });
  let candidate: Uint8Array | undefined;
  for (let look = 1; look <= setting.looks; look++) {
    const now = rivals.map((rival) => answer(chances, stream, rival));
    const answers = (candidate = answer(worse, stream, candidate));
    rivals = now;
    const best = now.reduce((a, b) => (accuracy(b) > accuracy(a) ? b : a));
    RULES.forEach((rule, i) => {
      if (droppedAt[i]! > 0) return;
      if (race({ best, candidate: answers, ...planOf(rule, setting, look) }).drop) droppedAt[i] = look;
    });
  }
  return droppedAt;
}

function rateOf(setting: Setting, spending: string, looks: readonly number[]): Rate {
  const pruned = looks.filter((look) => look > 0);
  const { low, high } = wilsonInterval(pruned.length, looks.length);
  const meanLook = pruned.length > 0 ? pruned.reduce((sum, look) => sum + look, 0) / pruned.length : null;
  const counts = { races: looks.length, pruned: pruned.length, rate: pruned.length / looks.length };
  return { ...setting, spending, ...counts, low, high, meanLook };
}

function measure(setting: Setting, races: number): Rate[] {
  const { looks, rivals, worseBy } = setting;
  const outcomes = Array.from({ length: races }, (_, i) =>
    oneRace(setting, randomStream(1, 'race', looks, rivals, String(worseBy), i)),
  );
  return RULES.map((rule, place) =>
    rateOf(
      setting,
      rule,
      outcomes.map((dropped) => dropped[place]!),
    ),
  );
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

function line(rate: Rate): string {
  const { looks, rivals, worseBy, spending } = rate;
  const setting = `${String(looks).padStart(3)} looks  ${String(rivals).padStart(2)} rivals  ${worseBy} points worse  ${spending.padEnd(15)}`;
  return `${setting} pruned ${percent(rate.rate).padStart(8)}  [${percent(rate.low)}, ${percent(rate.high)}]  mean look ${rate.meanLook?.toFixed(1) ?? '-'}`;
}

const SETTINGS: readonly Setting[] = [
  ...[1, 10].flatMap((looks) => [1, 5, 20].map((rivals) => ({ looks, rivals, worseBy: 0 }))),
  ...[0.5, 1, 2, 4].map((worseBy) => ({ looks: 10, rivals: 5, worseBy })),
];

function main(): void {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean' },
      json: { type: 'boolean' },
      figure: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return console.log(HELP);
  const races = values.short ? 40 : 2000;
  // a single look costs little, and is where the rate comes closest to alpha
  const racesOf = ({ looks }: Setting): number => (looks === 1 ? 10 * races : races);
  const rates = SETTINGS.flatMap((setting) => {
    const measured = measure(setting, racesOf(setting));
    if (!values.json) for (const rate of measured) console.log(line(rate));
    return measured;
  });
  const promised = rates.filter((rate) => rate.worseBy === 0 && rate.spending !== NAIVE);
  const highest = Math.max(...promised.map((rate) => rate.rate));
  // a rate that is alpha exactly is over it half of the time: over means beyond chance
  const holds = promised.every((rate) => rate.low <= ALPHA);
  if (values.figure) writeFileSync(values.figure, drawFigure(rates, ALPHA));
  if (values.json)
    console.log(JSON.stringify({ alpha: ALPHA, samples: SAMPLES, races, highest, holds, rates }));
  else
    console.log(
      `equal candidates pruned: at most ${percent(highest)}; bar ${percent(ALPHA)} ${holds ? 'held' : 'MISSED'}`,
    );
  process.exitCode = holds ? 0 : 1;
}

main();
