import { InvalidArgumentError, Option } from 'commander';
import { userPath } from '../terminal/home.ts';

export function datasetOption(): Option {
  return new Option('--dataset <name>', 'a dataset, or the path of a descriptor (.json)')
    .default('fashion-mnist')
    .argParser((value: string) => (value.endsWith('.json') ? userPath(value) : value));
}

export function validationOption(): Option {
  return new Option(
    '--validation <n>',
    'training images set apart for validation, or a share below 1 (default: a fifth, 5000 at most)',
  ).argParser(count);
}

export function seedOption(): Option {
  return new Option('--split-seed <n>', 'which images are set apart').default(1).argParser(integer);
}

export function integer(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError(`expected a whole number, got "${value}"`);
  return Number(value);
}

/** A number of images, or a share of them. */
function count(value: string): number {
  return /^0?\.\d+$/.test(value) ? Number(value) : integer(value);
}

export function atLeastOne(value: string): number {
  if (integer(value) >= 1) return Number(value);
  throw new InvalidArgumentError(`expected a whole number from 1, got "${value}"`);
}
