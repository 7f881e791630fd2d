import { Command } from 'commander';
import { describeCommand } from './describe.ts';
import { fetchCommand } from './fetch.ts';
import { previewCommand } from './preview.ts';

/** `data` with its verbs. */
export function dataCommand(): Command {
  return new Command('data')
    .description('Datasets: get them, describe them, look at them.')
    .addCommand(fetchCommand())
    .addCommand(describeCommand())
    .addCommand(previewCommand());
}
