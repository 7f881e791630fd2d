import {
  datasetNotes,
  type DatasetStatistics,
  describeDataset,
  loadDataset,
  splitDataset,
} from '@atelier/data';
import { Command } from 'commander';
import { atelierHome } from '../terminal/home.ts';
import { formatTable } from '../terminal/table.ts';
import { datasetOption, seedOption, validationOption } from './options.ts';

interface Flags {
  readonly dataset: string;
  readonly validation?: number;
  readonly splitSeed: number;
  readonly json?: boolean;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function print({ title, image, classes, counts, mean, std, digest }: DatasetStatistics): void {
  const cells = (pick: (split: readonly number[]) => number): string[] =>
    [counts.train, counts.val, counts.test].map((split) => String(pick(split)));
  console.log(
    `${title}: images of ${image.height} x ${image.width} x ${image.channels}, ${classes.length} classes\n`,
  );
  console.log(
    formatTable(
      [
        { title: 'class' },
        ...['train', 'val', 'test'].map((name) => ({ title: name, align: 'right' as const })),
      ],
      [...classes.map((name, i) => [name, ...cells((split) => split[i]!)]), ['all', ...cells(sum)]],
    ),
  );
  console.log(
    `\npixels of the training images, scaled to [0, 1]: mean ${mean.toFixed(4)}, std ${std.toFixed(4)}`,
  );
  console.log(`digest ${digest}`);
}

async function describe(flags: Flags): Promise<void> {
  const dataset = await loadDataset(flags.dataset, { home: atelierHome() });
  const statistics = describeDataset(
    splitDataset(dataset, { validation: flags.validation, seed: flags.splitSeed }),
  );
  const notes = datasetNotes(dataset);
  if (flags.json) return console.log(JSON.stringify({ ...statistics, notes }));
  print(statistics);
  for (const note of notes) console.log(`note: ${note}`);
}

export function describeCommand(): Command {
  return new Command('describe')
    .description('count the images per class and split, with the pixel moments and the dataset digest')
    .addOption(datasetOption())
    .addOption(validationOption())
    .addOption(seedOption())
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples\n  npx atelier data describe\n  npx atelier data describe --validation=10000 --json',
    )
    .action(describe);
}
