import { InvalidArgumentError, Option } from 'commander';
import { userPath } from '../terminal/home.ts';

export function datasetOption(): Option {
  return new Option('--dataset <name>', 'a dataset, or the path of a descriptor (.json)')
    .default('fashion-mnist')
    .argParser((value: string) => (value.endsWith('.json') ? userPath(value) : value));
}

export function validationOption(): Option {
  return new Option('--validation <n>', 'training images set apart for validation')
    .default(5000)
    .argParser(integer);
}

export function seedOption(): Option {
  return new Option('--split-seed <n>', 'which images are set apart').default(1).argParser(integer);
}

export function integer(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError(`expected a whole number, got "${value}"`);
  return Number(value);
}
