import {
  type Candidate,
  moduleVersion,
  parseConfig,
  type RawSettings,
  SweepInvalid,
  type SweepSpec,
  type SweepTask,
  toJsonRecord,
  type TrainConfig,
  trainingCodeVersion,
  trialKey,
  type TrialPlan,
  trialSettings,
} from '@atelier/train';
import { sharedSplits } from './training.ts';

/** The version of the code that a sweep's trials run. */
export function codeVersionOf(task: SweepTask): string {
  return task.kind === 'training' ? trainingCodeVersion() : moduleVersion(task.module);
}

type Plan = (candidate: Candidate) => TrialPlan;

/** Threads are the workers', not the trial's. */
function withoutThreads({ engine: { threads: _, ...engine }, ...config }: TrainConfig): TrainConfig {
  return { ...config, engine };
}

/** Digests of the splits that configurations ask for, all found before the first trial. */
class Digests {
  readonly #splitsOf = sharedSplits();
  readonly #known = new Map<string, string>();

  async add(data: TrainConfig['data']): Promise<void> {
    const key = JSON.stringify(data);
    if (!this.#known.has(key)) this.#known.set(key, (await this.#splitsOf(data)).digest);
  }

  /** Splits that the space asks for and nobody has cut yet are known by their description. */
  of(data: TrainConfig['data']): string {
    return this.#known.get(JSON.stringify(data)) ?? JSON.stringify(data);
  }
}

/** What the space can make of the data. */
function dataValues(settings: RawSettings, { parameters }: SweepSpec['space']): TrainConfig['data'][] {
  const base = parseConfig(settings).data;
  const paths = Object.entries(parameters).filter(([path]) => path === 'data' || path.startsWith('data.'));
  if (paths.length === 0) return [base];
  const found = [base];
  for (const [path, spec] of paths) {
    if (spec.kind !== 'choice') continue;
    for (const data of [...found])
      for (const value of spec.values)
        found.push(path === 'data' ? (value as TrainConfig['data']) : { ...data, [path.slice(5)]: value });
  }
  return found;
}

async function trainingPlan(spec: SweepSpec, settings: RawSettings, codeVersion: string): Promise<Plan> {
  const digests = new Digests();
  for (const data of dataValues(settings, spec.space)) await digests.add(data);
  const fallback = digests.of(parseConfig(settings).data);
  return (candidate) => {
    const { parameters, seed } = candidate;
    const written = trialSettings(settings, candidate);
    let config: TrainConfig;
    try {
      config = withoutThreads(parseConfig({ ...written, project: spec.project }));
    } catch (error) {
      if (spec.sampler.kind === 'grid')
        throw new SweepInvalid(
          'space',
          `${JSON.stringify(parameters)} is no configuration: ${(error as Error).message} (--constraint and conditions leave cells out)`,
          { cause: error },
        );
      // the trial fails by itself, as one of many
      const raw = toJsonRecord(written);
      return {
        key: trialKey({ config: raw, datasetDigest: fallback, codeVersion }),
        parameters,
        config: raw,
        seed,
      };
    }
    const key = trialKey({ config, datasetDigest: digests.of(config.data), codeVersion });
    return { key, parameters, config: toJsonRecord(config), seed: config.seed };
  };
}

/** Turns candidates into trials with an identity. Loads the data that it is part of. */
export async function plannerOf(spec: SweepSpec, codeVersion: string): Promise<Plan> {
  const { task } = spec;
  if (task.kind === 'training') return trainingPlan(spec, task.settings, codeVersion);
  return ({ parameters, seed }) => {
    const config = toJsonRecord({ parameters, seed });
    return { key: trialKey({ config, datasetDigest: undefined, codeVersion }), parameters, config, seed };
  };
}
