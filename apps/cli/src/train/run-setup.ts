import { datasetNotes, loadDataset, splitDataset, type Splits } from '@atelier/data';
import { type Engine, openEngine } from '@atelier/engine';
import { buildClassifier, type Classifier, summarizeModel } from '@atelier/model';
import { JsonObject, openTracker, readEnvironment, type RunWriter, type Tracker } from '@atelier/tracker';
import { checkBatchSize, checkpointPath, sizedFor, type TrainConfig } from '@atelier/train';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { atelierHome } from '../terminal/home.ts';
import { resumeCommand } from './going-on.ts';
import { engineLines, layerLines } from './report.ts';
import { type RunFlags, tagsFrom } from './run-flags.ts';

/** Where lines for people go; stdout is the answer's where `--json` asks for one. */
export interface Voice {
  say(line: string): void;
  warn(line: string): void;
}

/** Everything a training needs, open. */
export interface RunSetup {
  readonly config: TrainConfig;
  readonly home: string;
  readonly splits: Splits;
  readonly engine: Engine;
  readonly classifier: Classifier;
}

/** Loads a data set and splits it as a configuration says. */
export async function loadSplits({
  dataset: name,
  validation,
  splitSeed,
}: TrainConfig['data']): Promise<Splits> {
  const dataset = await loadDataset(name, { home: atelierHome() });
  return splitDataset(dataset, { seed: splitSeed, ...(validation !== undefined && { validation }) });
}

/** Opens the engine of a configuration; a second time in one process it is the same one. */
export function openConfigEngine({ threads, ...rest }: TrainConfig['engine']): Promise<Engine> {
  return openEngine({ ...rest, ...(threads !== undefined && { threads }) });
}

/**
 * The configuration with the sizes that this data gives: what a run records.
 * @param chosen settings that somebody chose for this data, and that are not changed
 */
function sized(config: TrainConfig, splits: Splits, chosen: readonly string[], voice: Voice): TrainConfig {
  if (chosen.includes('batchSize')) checkBatchSize(config, splits);
  const fitted = sizedFor(config, splits);
  if (fitted.batchSize !== config.batchSize)
    voice.say(
      `batch    ${fitted.batchSize} images: the recipe's ${config.batchSize} are more than the ${splits.train.count} training images`,
    );
  return fitted;
}

/**
 * Loads the data, opens the engine and builds the model, telling of each. All that can be wrong with the input is found here.
 * @param chosen settings that somebody chose for this data; the sizes of a recipe follow it
 * @param splitsOf where many setups share their data
 */
export async function openSetup(
  asked: TrainConfig,
  voice: Voice,
  chosen: readonly string[],
  splitsOf: (data: TrainConfig['data']) => Promise<Splits> = loadSplits,
): Promise<RunSetup> {
  const home = atelierHome();
  const splits = await splitsOf(asked.data);
  const config = sized(asked, splits, chosen, voice);
  const { title, classes, image } = splits.descriptor;
  voice.say(
    `data     ${title}: ${splits.train.count} train, ${splits.val.count} validation, ${splits.test.count} test`,
  );
  const { descriptor, train, test } = splits;
  datasetNotes({ descriptor, train: train.source, test: test.source }).forEach((note) => voice.warn(note));
  if (config.batchSize < asked.batchSize)
    voice.say(`batch    all ${config.batchSize} training images, which are fewer than ${asked.batchSize}`);
  const engine = await openConfigEngine(config.engine);
  engineLines(engine).forEach((line) => voice.say(line));
  const { height, width, channels } = image;
  const inputShape = [height, width, channels] as const;
  const classifier = buildClassifier(config.model, {
    inputShape,
    classes: classes.length,
    seed: config.seed,
  });
  voice.say(`\n${layerLines(summarizeModel(classifier.model))}\n`);
  return { config, home, splits, engine, classifier };
}

/** How to go on with a run that left a checkpoint. */
function wayOn(home: string, runId: number): string {
  return existsSync(checkpointPath(home, runId)) ? `; go on with: ${resumeCommand(runId)}` : '';
}

/** Opens the tracker and says what earlier runs it found dead. */
export function openRecords(home: string, voice: Voice): Tracker {
  const tracker = openTracker({ home, onWarning: (warning) => voice.warn(warning.message) });
  for (const run of tracker.recovered)
    voice.warn(`run ${run.id} (${run.name}) had died and is marked FAILED${wayOn(home, run.id)}`);
  return tracker;
}

/** What a run of a recipe is named by. */
const stemOf = (recipe: string): string => basename(recipe).replace(/\.ya?ml$/, '');

/** Starts the run that the setup is recorded as. */
export function startRun(tracker: Tracker, setup: RunSetup, flags: RunFlags): RunWriter {
  const { config, engine, splits } = setup;
  const { name, version, threads, precision, arithmetic } = engine;
  return tracker.startRun({
    project: config.project,
    config: JsonObject.parse(config),
    tags: tagsFrom(flags),
    datasetDigest: splits.digest,
    capture: { console: true, system: true, diff: true },
    environment: { ...readEnvironment(), engine: { name, version, threads, precision, arithmetic } },
    stem: stemOf(flags.recipe),
    ...(flags.name !== undefined && { name: flags.name }),
    ...(flags.group !== undefined && { group: flags.group }),
    ...(flags.notes !== undefined && { notes: flags.notes }),
  });
}
