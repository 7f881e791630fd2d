import {
  type Importance,
  importance,
  type Objective,
  optimizationHistory,
  paretoFront,
  type Slice,
  slices,
} from '@atelier/search';
import type { Sweep, SweepTrial } from '@atelier/tracker';
import { SweepSpec } from '@atelier/train';
import { type Command, Option } from 'commander';
import { formatTable } from '../terminal/table.ts';
import { bestLines, bestOf, type BestTrial, promotionLines } from './best.ts';
import { formatValue, isBetter } from './text.ts';
import { findSweep, print, sweepVerb, withSweeps } from './verb.ts';

interface ShowOptions {
  readonly json?: boolean;
  readonly top: string;
  readonly importance: 'ped-anova' | 'fanova';
}

/** Complete trials below which importance says nothing. */
const LEAST_FOR_IMPORTANCE = 4;
const BAR = 24;
/** Groups of a range's slice. */
const GROUPS = 5;

function importanceLines({ method, metric, parameters }: Importance): string {
  const rows = parameters.map(({ path, importance: share }) => [
    path,
    `${(share * 100).toFixed(1)} %`,
    '#'.repeat(Math.round(share * BAR)),
  ]);
  const columns = [{ title: 'parameter' }, { title: 'share', align: 'right' }, { title: '' }] as const;
  return `importance for ${metric} (${method})\n${formatTable([...columns], rows)}`;
}

interface SliceRow {
  readonly label: string;
  readonly count: number;
  readonly mean: number;
  readonly best: number;
}

function summarize(label: string, values: readonly number[], objective: Objective): SliceRow {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return {
    label,
    count: values.length,
    mean,
    best: values.reduce((a, b) => (isBetter(objective, a, b) ? a : b)),
  };
}

/** A row for each value tried, or for groups of neighbours where there are many. */
function sliceRows(slice: Slice, labelOf: (x: number) => string, objective: Objective): SliceRow[] {
  const points = [...slice.points].sort((a, b) => a.x - b.x);
  const xs = [...new Set(points.map(({ x }) => x))];
  const few = xs.length <= 2 * GROUPS;
  const size = Math.ceil(xs.length / (few ? xs.length : GROUPS));
  const rows: SliceRow[] = [];
  for (let i = 0; i < xs.length; i += size) {
    const group = xs.slice(i, i + size);
    const inside = points.filter(({ x }) => x >= group[0]! && x <= group.at(-1)!).map(({ value }) => value);
    const ends = [...new Set([labelOf(group[0]!), labelOf(group.at(-1)!)])];
    rows.push(summarize(ends.join(' .. '), inside, objective));
  }
  return rows;
}

function sliceLines(slice: Slice, spec: SweepSpec, objective: Objective): string[] {
  const { path } = slice.axis;
  const parameter = spec.space.parameters[path]!;
  const labelOf = (x: number): string =>
    parameter.kind === 'choice' ? JSON.stringify(parameter.values[x]) : formatValue(x);
  if (slice.points.length === 0) return [];
  const columns = [
    { title: path },
    { title: 'trials', align: 'right' },
    { title: `mean ${objective.metric}`, align: 'right' },
    { title: 'best', align: 'right' },
  ] as const;
  const rows = sliceRows(slice, labelOf, objective).map(({ label, count, mean, best }) => [
    label,
    String(count),
    formatValue(mean),
    formatValue(best),
  ]);
  return [formatTable([...columns], rows)];
}

function frontLines(front: readonly BestTrial[], spec: SweepSpec): string[] {
  if (spec.objectives.length === 1) return [];
  return [
    `Pareto front (${front.length} trials: none of them is beaten in all objectives)\n${bestLines(front, spec.objectives)}`,
  ];
}

function analyse(trials: readonly SweepTrial[], spec: SweepSpec, { top, importance: method }: ShowOptions) {
  const { objectives, space } = spec;
  const best = bestOf(trials, objectives, Number(top));
  const complete = trials.filter(({ state }) => state === 'COMPLETE').length;
  const enough = complete >= LEAST_FOR_IMPORTANCE;
  const { front } = paretoFront(trials, objectives);
  return {
    best,
    complete,
    front: bestOf(trials, objectives, Infinity).filter(({ number }) => front.includes(number)),
    importance: enough
      ? objectives.map((objective, index) => importance(trials, space, objective, { method, index }))
      : [],
    slices: objectives.map((_, index) => slices(trials, space, index)),
    history: objectives.map((objective, index) => optimizationHistory(trials, objective, index)),
  };
}

function textOf(sweep: Sweep, spec: SweepSpec, trials: readonly SweepTrial[], options: ShowOptions): string {
  const found = analyse(trials, spec, options);
  const { objectives } = spec;
  const goals = objectives.map(({ metric, direction }) => `${direction} ${metric}`).join(', ');
  const head = `sweep ${sweep.id} (${sweep.name}) ${sweep.status}: ${goals}; ${found.complete} of ${trials.length} trials complete`;
  if (found.best.length === 0) return `${head}\nnothing to show before a trial is complete`;
  return [
    head,
    bestLines(found.best, objectives),
    ...frontLines(found.front, spec),
    ...(found.importance.length > 0
      ? found.importance.map(importanceLines)
      : [`importance: needs ${LEAST_FOR_IMPORTANCE} complete trials`]),
    ...found.slices[0]!.flatMap((slice) => sliceLines(slice, spec, objectives[0]!)),
    promotionLines(found.best[0]!, sweep.name).join('\n').trim(),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function show(typed: string, options: ShowOptions): void {
  withSweeps((sweeps) => {
    const sweep = findSweep(sweeps, typed);
    const spec = SweepSpec.parse(sweep.spec);
    const trials = sweeps.trials(sweep.id, { reports: true });
    const json = options.json === true ? { ...sweep, trials, ...analyse(trials, spec, options) } : undefined;
    print(options.json, json, options.json === true ? '' : textOf(sweep, spec, trials, options));
  });
}

/** `sweep show`: what a sweep has found. */
export function showCommand(): Command {
  return sweepVerb(
    'show',
    'What a sweep has found: best trials, importance, Pareto front, slices, how to promote.',
    ['show seed-cnn-grid-3f9a1c', 'show 4 --top=20 --importance=fanova --json'],
  )
    .argument('<sweep>', 'its name or number')
    .option('--top <n>', 'best trials to show', '10')
    .addOption(
      new Option('--importance <method>', 'how importance is judged')
        .choices(['ped-anova', 'fanova'])
        .default('ped-anova'),
    )
    .option('--json', 'print JSON: the trials and every analysis')
    .action(show);
}
