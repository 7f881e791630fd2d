import {
  ImageError,
  inverted,
  type Picture,
  readPng,
  resized,
  resolveDescriptor,
  type Split,
  withChannels,
} from '@atelier/data';
import { evaluateViews, type TrainConfig } from '@atelier/train';
import { Command } from 'commander';
import { atLeastOne, integer } from '../data/options.ts';
import { openUserTracker } from '../runs/open.ts';
import { atelierHome, userPath } from '../terminal/home.ts';
import { formatTable } from '../terminal/table.ts';
import { toPrintedJson } from '../terminal/values.ts';
import { classNamesOf, findModel, imageShapeOf, openModel } from './found-model.ts';
import { openConfigEngine } from './run-setup.ts';

interface PredictFlags {
  readonly top: number;
  readonly invert?: boolean;
  readonly resize?: boolean;
  readonly dataset?: string;
  readonly engine?: TrainConfig['engine']['name'];
  readonly threads?: number;
  readonly json?: boolean;
}

type Shape = ReturnType<typeof imageShapeOf>;

/** A file as the model takes it. @throws ImageError */
async function pictureOf(path: string, shape: Shape, { invert, resize }: PredictFlags): Promise<Picture> {
  const { height, width, channels } = shape;
  const read = withChannels(await readPng(userPath(path)), channels);
  const picture = invert === true ? inverted(read) : read;
  if (picture.height === height && picture.width === width) return picture;
  if (resize === true) return resized(picture, shape);
  throw new ImageError(
    path,
    `expected ${width} x ${height} pixels, got ${picture.width} x ${picture.height} (--resize makes it fit)`,
  );
}

/** Pictures as a split, without labels. */
function asSplit(pictures: readonly Picture[], { height, width, channels }: Shape): Split {
  const images = new Uint8Array(pictures.length * height * width * channels);
  pictures.forEach(({ pixels }, i) => images.set(pixels, i * pixels.length));
  const count = pictures.length;
  const labels = new Uint8Array(count);
  const source = { images, labels, count, height, width, channels };
  return { name: 'test', source, indices: Uint32Array.from(labels.keys()), count, labels };
}

/** The likeliest classes first. */
function ranking(probabilities: Float32Array, names: readonly string[], top: number) {
  return [...probabilities]
    .map((probability, i) => ({ class: names[i]!, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, top);
}

async function predict(typed: string, paths: string[], flags: PredictFlags): Promise<void> {
  using tracker = openUserTracker();
  const found = findModel(tracker, typed);
  await openConfigEngine({ name: flags.engine ?? 'auto', precision: 'fp32', threads: flags.threads });
  const model = await openModel(found);
  const { dataset } = flags;
  const named = dataset === undefined ? undefined : await resolveDescriptor(dataset, atelierHome());
  const names = classNamesOf(found, model, named?.classes);
  const shape = imageShapeOf(found, model);
  const pictures = await Promise.all(paths.map((path) => pictureOf(path, shape, flags)));
  const views = found.config?.evaluation ?? null;
  const probabilities = await evaluateViews({ model }, asSplit(pictures, shape), views);
  const answers = paths.map((image, i) => ({
    image,
    classes: ranking(probabilities.subarray(i * names.length, (i + 1) * names.length), names, flags.top),
  }));
  const rows = answers.flatMap(({ image, classes }) =>
    classes.map((one, i) => [i === 0 ? image : '', one.class, one.probability.toFixed(4)]),
  );
  const table = (): string =>
    formatTable([{ title: 'image' }, { title: 'class' }, { title: 'probability', align: 'right' }], rows);
  process.stdout.write(`${flags.json === true ? toPrintedJson({ model: found.title, answers }) : table()}\n`);
}

/** `predict`: asks a saved model about images. */
export function predictCommand(): Command {
  return new Command('predict')
    .description('Ask the saved model of a run, or in a folder, what is on PNG images of 8 bits a channel.')
    .argument('<model>', 'id or name of a run, model@alias, or a folder with model.json')
    .argument('<images...>', 'PNG files')
    .option('--top <k>', 'the likeliest classes to name', atLeastOne, 3)
    .option('--invert', 'the images are dark on light, where the model learned light on dark')
    .option('--resize', 'make the images as large as the model expects, by the mean of areas')
    .option('--dataset <name>', 'whose classes are named, where the model is in a folder')
    .option('--engine <name>', 'auto, or one of those `npx atelier engine doctor` lists')
    .option('--threads <n>', 'threads of the engine', integer)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Fashion-MNIST is light on black: a photograph on a white background needs --invert.

Examples:
  npx atelier predict quick-cnn-40 coat.png
  npx atelier predict quick-cnn-40 coat.png photo.png --invert --resize --top=1 --json`,
    )
    .action(predict);
}
