import {
  AugmentError,
  augmentedSheet,
  contactSheet,
  encodePng,
  loadDataset,
  parseAugment,
  randomStream,
  type Split,
  splitDataset,
  type SplitName,
} from '@atelier/data';
import { Command, Option } from 'commander';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { atelierHome, userPath } from '../terminal/home.ts';
import { atLeastOne, datasetOption, integer, seedOption, validationOption } from './options.ts';

interface Flags {
  readonly dataset: string;
  readonly validation?: number;
  readonly splitSeed: number;
  readonly split: SplitName;
  readonly perClass: number;
  readonly augment?: string;
  readonly out?: string;
  readonly seed: number;
}

function settingsIn(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    throw new AugmentError('', `expected YAML, got "${text}" (${(error as Error).message.split('\n')[0]})`);
  }
}

/** The first image of each class, drawn from the seed, before and after. */
function drawAugmented(split: Split, classes: number, augment: string, { perClass, seed }: Flags) {
  const positions = Uint32Array.from({ length: split.count }, (_, i) => i);
  randomStream(seed, 'preview').shuffle(positions);
  const firsts = Array.from({ length: classes }, (_, label) =>
    positions.find((position) => split.labels[position] === label),
  ).filter((position) => position !== undefined);
  const spec = parseAugment(settingsIn(augment));
  return augmentedSheet(split, Uint32Array.from(firsts), { spec, seed, classes, columns: perClass });
}

/** A row of source positions for each class, `columns` long, drawn from the seed; short classes repeat. */
function drawRows(split: Split, classes: number, columns: number, seed: number): number[] {
  return Array.from({ length: classes }, (_, label) => {
    const members = split.indices.filter((__, i) => split.labels[i] === label);
    randomStream(seed, 'preview', label).shuffle(members);
    return Array.from(
      { length: members.length === 0 ? 0 : columns },
      (__, i) => members[i % members.length]!,
    );
  }).flat();
}

async function preview(flags: Flags): Promise<void> {
  const home = atelierHome();
  const dataset = await loadDataset(flags.dataset, { home });
  const split = splitDataset(dataset, { validation: flags.validation, seed: flags.splitSeed })[flags.split];
  const { classes } = dataset.descriptor;
  const { augment, perClass } = flags;
  const picture =
    augment === undefined
      ? contactSheet(split.source, drawRows(split, classes.length, perClass, flags.seed), {
          columns: perClass,
        })
      : drawAugmented(split, classes.length, augment, flags);
  const sheet = `${dataset.descriptor.name}-${flags.split}${augment === undefined ? '' : '-augmented'}.png`;
  const path = flags.out === undefined ? join(home, 'previews', sheet) : userPath(flags.out);
  if (flags.out === undefined) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, encodePng(picture));
  const row = augment === undefined ? `${perClass} images a row` : 'an image and what becomes of it';
  console.log(`${path}: ${row} from the ${flags.split} split, one row per class:`);
  console.log(classes.map((name, i) => `  ${i + 1}. ${name}`).join('\n'));
}

export function previewCommand(): Command {
  return new Command('preview')
    .description('draw a contact sheet, a row for each class')
    .addOption(datasetOption())
    .addOption(validationOption())
    .addOption(seedOption())
    .addOption(
      new Option('--split <name>', 'which images').choices(['train', 'val', 'test']).default('train'),
    )
    .option('--per-class <n>', 'images in a row', atLeastOne, 12)
    .option(
      '--augment <settings>',
      'before and after: the settings of a recipe, as YAML (docs/augmentation.md)',
    )
    .option('--seed <n>', 'which images are drawn', integer, 1)
    .option('--out <file>', 'where to write the PNG (default: previews/ in ATELIER_HOME)')
    .addHelpText(
      'after',
      "\nExamples\n  npx atelier data preview --split=test --out=sheet.png\n  npx atelier data preview --augment='{flip: random, translate: 3, cutout: 8}'",
    )
    .action(preview);
}
