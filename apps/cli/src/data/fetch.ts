import { datasetNotes, fetchDataset, type FetchEvent } from '@atelier/data';
import { Command } from 'commander';
import { atelierHome, userPath } from '../terminal/home.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { datasetOption } from './options.ts';

interface Flags {
  readonly dataset: string;
  readonly from?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

function printEvent(event: FetchEvent): void {
  process.stderr.write(
    event.type === 'trying' ? `trying ${event.source} ...\n` : `  ${event.source}: ${event.reason}\n`,
  );
}

async function fetch(flags: Flags): Promise<void> {
  const { dataset, source, folder, fetched } = await untilInterrupted((signal) =>
    fetchDataset(flags.dataset, {
      home: atelierHome(),
      signal,
      onEvent: printEvent,
      ...(flags.from === undefined ? {} : { from: userPath(flags.from) }),
      ...(flags.offline ? { offline: true } : {}),
    }),
  );
  const { title, name } = dataset.descriptor;
  const notes = datasetNotes(dataset);
  for (const note of notes) process.stderr.write(`note: ${note}\n`);
  const counts = { train: dataset.train.count, test: dataset.test.count };
  if (flags.json) {
    console.log(
      JSON.stringify({
        ...{ name, source, folder, fetched, ...counts },
        ...{ contentSha256: dataset.contentSha256, notes },
      }),
    );
    return;
  }
  console.log(
    `${title}: ${counts.train} training and ${counts.test} test images, checked, in ${folder}` +
      (fetched ? ` (from ${source})` : ' (there already)'),
  );
}

export function fetchCommand(): Command {
  return new Command('fetch')
    .description('put the files of a dataset into ATELIER_HOME and check their content')
    .addOption(datasetOption())
    .option('--from <folder>', 'take the files from this folder only, raw or gzipped')
    .option('--offline', 'use no network')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples
  npx atelier data fetch
  npx atelier data fetch --from ~/downloads/fashion-mnist
  npx atelier data fetch --dataset=./my-dataset/descriptor.json`,
    )
    .action(fetch);
}
