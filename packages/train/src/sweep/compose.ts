import { canonicalJson } from '@atelier/base';
import {
  checkSpace,
  PRUNER_KINDS,
  PrunerSpec,
  SAMPLER_KINDS,
  SamplerSpec,
  type ParameterSpec,
  type SearchSpace,
} from '@atelier/search';
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { TrainConfig } from '../config.ts';
import { settingNumbers } from '../setting-paths.ts';
import { parseConfig, type RawSettings } from '../settings.ts';
import { trialLimit } from './candidates.ts';
import { kindedFrom, objectivesFrom, seedsFrom, spaceFrom, timeLimitFrom, type SweepDraft } from './draft.ts';
import { SweepInvalid } from './errors.ts';
import { checkObjectives } from './objectives.ts';
import { EXECUTION_PATHS, SweepSpec, type SweepTask } from './spec.ts';
import { checkSettings } from './trial-config.ts';

/** Of a range without steps. */
const GRID_POINTS = 3;

/** A composed sweep, and what was decided for the user on the way. */
export interface Composed {
  readonly spec: SweepSpec;
  readonly notes: readonly string[];
}

const rounded = (value: number): number => Number(value.toPrecision(12));

/** `points` of a range, evenly (in ratios for a log range), both ends among them. */
function pointsOf({ low, high, log }: Extract<ParameterSpec, { kind: 'float' }>, points: number): number[] {
  if (points === 1 || low === high) return [low];
  return Array.from({ length: points }, (_, i) => {
    const at = i / (points - 1);
    if (i === 0 || i === points - 1) return i === 0 ? low : high;
    return rounded(log ? low * (high / low) ** at : low + (high - low) * at);
  });
}

/** A grid has no end in a range without steps: it takes some points of it. */
function pointed(space: SearchSpace, points: number): { space: SearchSpace; notes: string[] } {
  if (!Number.isInteger(points) || points < 1)
    throw new SweepInvalid('gridPoints', `expected a whole number from 1, got ${points}`);
  const notes: string[] = [];
  const entries = Object.entries(space.parameters).map(([path, spec]): [string, ParameterSpec] => {
    if (spec.kind !== 'float' || spec.step !== undefined) return [path, spec];
    const values = pointsOf(spec, points);
    notes.push(
      `${path}=${spec.log ? 'log:' : ''}${spec.low}..${spec.high} has no steps: the grid takes ${values.length} points of it, ${values.join(', ')} ` +
        `(--grid-points=<n> or ${path}=${spec.low}..${spec.high}:<step> for others)`,
    );
    return [path, { kind: 'choice', values, ...(spec.when !== undefined && { when: spec.when }) }];
  });
  return { space: { ...space, parameters: Object.fromEntries(entries) }, notes };
}

function stemOf(task: SweepTask): string {
  return basename(task.kind === 'training' ? task.recipe : task.module).replace(/\.[^.]+$/, '');
}

/** A name that the same sweep gets again, and no other does. */
function defaultName(spec: SweepSpec): string {
  const content = Object.entries(spec).filter(([key]) => key !== 'name' && !EXECUTION_PATHS.includes(key));
  const hash = createHash('sha256')
    .update(canonicalJson(Object.fromEntries(content)))
    .digest('hex');
  return `${stemOf(spec.task)}-${spec.sampler.kind}-${hash.slice(0, 6)}`;
}

function parseSpec(value: unknown): SweepSpec {
  const parsed = SweepSpec.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new SweepInvalid(issue.path.join('.'), issue.message);
}

function workersFrom({ workers, threads }: SweepDraft): number {
  return workers ?? Math.max(1, Math.floor(availableParallelism() / (threads ?? 1)));
}

function checkTask(spec: SweepSpec): void {
  if (spec.seeds.length > 1 && 'seed' in spec.space.parameters)
    throw new SweepInvalid('seeds', 'the space sets seed already: give it there or here, not in both');
  if (spec.task.kind === 'training') checkSettings(spec.task.settings, spec.space);
}

/** What a sweep is about: a recipe's settings, or a module. */
export type TaskSource =
  { readonly recipe: string; readonly settings: RawSettings } | { readonly module: string };

/**
 * A sweep from what was written, checked in everything that can be checked before the first trial.
 * @throws SweepInvalid, SettingUnknown, SettingInvalid, ObjectiveUnknown, GridTooLarge; what the search package throws
 * for spaces that are contradictory
 */
export function composeSweep(draft: SweepDraft, source: TaskSource): Composed {
  const training = 'settings' in source;
  const config = training ? parseConfig(source.settings) : undefined;
  const task = training
    ? { kind: 'training', recipe: source.recipe, settings: source.settings }
    : { kind: 'function', module: source.module };
  const sampler = kindedFrom('sampler', draft.sampler ?? 'random', SamplerSpec, SAMPLER_KINDS);
  const written = spaceFrom(draft, (path) => (training ? settingNumbers(TrainConfig, path) : undefined));
  checkSpace(written);
  const { space, notes } =
    sampler.kind === 'grid'
      ? pointed(written, draft.gridPoints ?? GRID_POINTS)
      : { space: written, notes: [] };
  const rest = {
    project: draft.project ?? config?.project ?? 'sweeps',
    task: task as SweepTask,
    space,
    sampler,
    ...(draft.seed !== undefined && { seed: draft.seed }),
    objectives: objectivesFrom(
      draft,
      training
        ? { metric: 'val/accuracy', direction: 'maximize' }
        : { metric: 'value', direction: 'minimize' },
    ),
    pruner: kindedFrom('pruner', draft.pruner ?? 'none', PrunerSpec, PRUNER_KINDS),
    seeds: seedsFrom(draft.seeds, config?.seed ?? 1),
    trials: draft.trials ?? null,
    workers: workersFrom(draft),
    threads: draft.threads ?? null,
    ...(draft.retries !== undefined && { retries: draft.retries }),
    timeLimit: timeLimitFrom(draft.timeLimit),
  };
  const unnamed = parseSpec({ name: 'unnamed', ...rest });
  const spec = parseSpec({ ...unnamed, name: draft.name ?? defaultName(unnamed) });
  checkTask(spec);
  checkObjectives(spec);
  trialLimit(spec);
  return { spec, notes };
}
