import type { DatasetDescriptor } from '@atelier/data';
import { loadModel, type ModelFile } from '@atelier/model';
import { registryOf, RegistryUnknownError } from '@atelier/registry';
import { ArtifactError, type Run, RunUnknownError, type Tracker } from '@atelier/tracker';
import { parseConfig, type TrainConfig } from '@atelier/train';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { userPath } from '../terminal/home.ts';
import { ModelUnfit } from './model-unfit.ts';

/** The saved model that a user named. */
export interface FoundModel {
  /** As people read it. */
  readonly title: string;
  /** A folder, or the files of a run. */
  readonly source: string | readonly ModelFile[];
  /** Absent for a folder. */
  readonly run?: Run;
  readonly config?: TrainConfig;
  /** Absent where they were not recorded. */
  readonly classNames?: readonly string[];
}

type LoadedModel = Awaited<ReturnType<typeof loadModel>>;

function filesOf(tracker: Tracker, { id, name, status }: Run): ModelFile[] {
  return (['model.json', 'weights.bin'] as const).map((path) => {
    try {
      return { path, bytes: tracker.readArtifact(id, `model/${path}`) };
    } catch (error) {
      if (!(error instanceof ArtifactError)) throw error;
      throw new ModelUnfit(
        `run ${id} (${name}, ${status}): expected a saved model, model/model.json and model/weights.bin; ${error.message}`,
      );
    }
  });
}

/**
 * The model of a run (id, name, `model@alias`), or else in a folder.
 * @throws RunUnknownError, RegistryUnknownError with the nearest names; ModelUnfit for a run without a model
 */
export function findModel(tracker: Tracker, typed: string): FoundModel {
  let id: number;
  try {
    id = registryOf(tracker).resolve(typed).runId;
  } catch (error) {
    const unknown = error instanceof RunUnknownError || error instanceof RegistryUnknownError;
    const folder = userPath(typed);
    if (!unknown || !existsSync(join(folder, 'model.json'))) throw error;
    return { title: folder, source: folder };
  }
  const run = tracker.getRun(id);
  const { datasetDigest } = run;
  const dataset = datasetDigest === undefined ? undefined : tracker.dataset(datasetDigest);
  return {
    title: `run ${id} (${run.name})`,
    source: filesOf(tracker, run),
    run,
    config: parseConfig(run.config),
    ...(dataset && { classNames: dataset.classNames }),
  };
}

/** Opens a model for one engine, which has to be open. @throws ModelFileInvalid */
export const openModel = ({ source }: FoundModel): Promise<LoadedModel> => loadModel(source);

/** Height, width and channels of the images that a model takes. @throws ModelUnfit */
export function imageShapeOf({ title }: FoundModel, { inputs }: LoadedModel) {
  const [height, width, channels] = inputs[0]!.shape.slice(1);
  if (inputs.length !== 1 || !height || !width || (channels !== 1 && channels !== 3))
    throw new ModelUnfit(`${title}: expected one input of images with 1 or 3 channels`);
  return { height, width, channels } as const;
}

const classesOf = (model: LoadedModel): number => [model.outputShape].flat().at(-1) as number;

/** Names of a model's classes: as recorded, or its numbers. @throws ModelUnfit where the names are not as many */
export function classNamesOf(
  found: FoundModel,
  model: LoadedModel,
  names = found.classNames,
): readonly string[] {
  const count = classesOf(model);
  if (names === undefined) return Array.from({ length: count }, (_, i) => String(i));
  if (names.length === count) return names;
  throw new ModelUnfit(
    `${found.title} has ${count} classes; expected as many as there are names, got ${names.length}: ${names.join(', ')}`,
  );
}

/** @throws ModelUnfit where a model cannot be judged by these images */
export function checkFit(
  found: FoundModel,
  model: LoadedModel,
  { name, classes, image }: DatasetDescriptor,
): void {
  const names = classNamesOf(found, model, found.classNames ?? classes);
  const other = names.findIndex((one, i) => one !== classes[i]);
  const own = found.config === undefined ? '' : `; it was trained on ${found.config.data.dataset}`;
  if (other >= 0 || names.length !== classes.length)
    throw new ModelUnfit(
      `${found.title}: expected the classes ${names.join(', ')}; ${name} has ${classes.join(', ')}${own}`,
    );
  const { height, width, channels } = imageShapeOf(found, model);
  if (height !== image.height || width !== image.width || channels !== image.channels)
    throw new ModelUnfit(
      `${found.title}: expected images of ${height} x ${width} x ${channels}; those of ${name} are ${image.height} x ${image.width} x ${image.channels}${own}`,
    );
}
