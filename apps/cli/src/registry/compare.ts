import {
  compareLedgers,
  comparisonMarkdown,
  comparisonParts,
  type ComparisonRequest,
  type RunComparison,
} from '@atelier/registry';
import { Command, Option } from 'commander';
import { toPrintedJson } from '../terminal/values.ts';
import { toText } from './compare-text.ts';
import { openUserRegistry, typedCommand } from './open.ts';

interface CompareOptions {
  readonly split: string;
  readonly checkpointA?: string;
  readonly checkpointB?: string;
  readonly md?: boolean;
  readonly json?: boolean;
}

function runComparison(typedA: string, typedB: string, options: CompareOptions): RunComparison {
  using registry = openUserRegistry();
  const [a, b] = [registry.resolve(typedA), registry.resolve(typedB)];
  const request: ComparisonRequest = {
    a: { runId: a.runId, checkpoint: options.checkpointA ?? a.version?.checkpoint },
    b: { runId: b.runId, checkpoint: options.checkpointB ?? b.version?.checkpoint },
    split: options.split,
  };
  const { tracker } = registry;
  const countLook = (datasetDigest: string) =>
    registry.countLook({
      datasetDigest,
      split: options.split,
      runA: a.runId,
      runB: b.runId,
      command: typedCommand(),
    });
  return compareLedgers({ tracker, seedFamily: (run) => registry.seedFamily(run), countLook }, request);
}

function compare(typedA: string, typedB: string, options: CompareOptions): void {
  const comparison = runComparison(typedA, typedB, options);
  if (options.json) {
    process.stdout.write(`${toPrintedJson(comparison)}\n`);
    return;
  }
  const parts = comparisonParts(comparison);
  process.stdout.write(`${options.md ? comparisonMarkdown(comparison, parts) : toText(comparison, parts)}\n`);
}

export function compareCommand(): Command {
  return new Command('compare')
    .description(
      'Compare two runs sample by sample: is B better than A? Looks at the test split are counted.',
    )
    .argument('<a>', 'id or name of a run, or model@alias, or model@12')
    .argument('<b>', 'the same of another')
    .addOption(
      new Option(
        '--split <split>',
        'whose ledgers are compared; val costs nothing of the test split',
      ).default('test'),
    )
    .option('--checkpoint-a <name>', 'of A (default: the newest ledger, or that of its version)')
    .option('--checkpoint-b <name>', 'of B')
    .option('--md', 'print Markdown, to paste into a pull request')
    .option('--json', 'print JSON; NaN and infinities as strings')
    .addHelpText(
      'after',
      '\nExamples:\n  npx atelier compare 11 12\n  npx atelier compare fashion@champion seed-cnn-12 --md\n  npx atelier compare 11 12 --split=val',
    )
    .action(compare);
}
