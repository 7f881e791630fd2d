import {
  contactSheet,
  encodePng,
  loadDataset,
  randomStream,
  type Split,
  splitDataset,
  type SplitName,
} from '@atelier/data';
import { Command, Option } from 'commander';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { atelierHome, userPath } from '../terminal/home.ts';
import { atLeastOne, datasetOption, integer, seedOption, validationOption } from './options.ts';

interface Flags {
  readonly dataset: string;
  readonly validation?: number;
  readonly splitSeed: number;
  readonly split: SplitName;
  readonly perClass: number;
  readonly out?: string;
  readonly seed: number;
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
  const indices = drawRows(split, classes.length, flags.perClass, flags.seed);
  const sheet = `${dataset.descriptor.name}-${flags.split}.png`;
  const path = flags.out === undefined ? join(home, 'previews', sheet) : userPath(flags.out);
  if (flags.out === undefined) await mkdir(dirname(path), { recursive: true });
  await writeFile(path, encodePng(contactSheet(split.source, indices, { columns: flags.perClass })));
  console.log(`${path}: ${flags.perClass} images a row from the ${flags.split} split, one row per class:`);
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
    .option('--seed <n>', 'which images are drawn', integer, 1)
    .option('--out <file>', 'where to write the PNG (default: previews/ in ATELIER_HOME)')
    .addHelpText('after', '\nExample\n  npx atelier data preview --split=test --out=sheet.png')
    .action(preview);
}
