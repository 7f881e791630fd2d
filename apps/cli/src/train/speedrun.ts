import { summarizeSeeds } from '@atelier/metrics';
import { openTracker, type RunEnvironment } from '@atelier/tracker';
import { parseConfig, readRecipe, SettingInvalid } from '@atelier/train';
import { Command } from 'commander';
import { spawn } from 'node:child_process';
import { ENTRY } from '../terminal/entry.ts';
import { atelierHome, userPath } from '../terminal/home.ts';
import { toPrintedJson } from '../terminal/values.ts';
import { SpeedrunFailed } from './speedrun-failed.ts';
import { type Finished, recordRuns, speedrunText } from './speedrun-text.ts';

interface Flags {
  readonly target: string;
  readonly runs: string;
  readonly seed: string;
  readonly recipe?: string;
  readonly json?: boolean;
}

/** What `atelier run --json` prints, as far as it counts here. */
interface Answer {
  readonly run: number;
  readonly status: string;
  readonly summary: Readonly<Record<string, number>>;
  readonly fromStartSeconds: number;
}

function numberOf(flag: string, text: string, isRight: (value: number) => boolean, expected: string): number {
  const value = Number(text);
  if (text.trim() !== '' && isRight(value)) return value;
  throw new SettingInvalid(`--${flag}`, `expected ${expected}, got "${text}"`);
}

/** A recipe with a fixed number of epochs. @throws RecipeUnknown, SettingInvalid */
function recipeOf({ recipe }: Flags, target: number): string {
  const name = recipe ?? `fast-${Number((target * 100).toFixed(2))}`;
  if (parseConfig(readRecipe(name, userPath)).earlyStopping !== null)
    throw new SettingInvalid(
      'earlyStopping',
      `expected null in a speedrun, whose epochs are fixed (${name})`,
    );
  return name;
}

/** Trains once in a process of its own, as `atelier run` does. */
function train(args: readonly string[]): Promise<Answer> {
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, [ENTRY, 'run', '--json', '--quiet', ...args], { stdio: [...stdio] });
  let text = '';
  child.stdout!.on('data', (part: Buffer) => (text += part.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const answer = code === 0 ? (JSON.parse(text) as Answer) : undefined;
      if (answer?.status === 'FINISHED') resolve(answer);
      else reject(new SpeedrunFailed(signal === null ? (code ?? 1) : 130));
    });
  });
}

function environmentOf(run: number): RunEnvironment {
  using tracker = openTracker({ home: atelierHome(), readonly: true });
  return tracker.getRun(run).environment;
}

async function speedrun(flags: Flags, command: Command): Promise<void> {
  const target = numberOf('target', flags.target, (value) => value > 0 && value < 1, 'a number from 0 to 1');
  const whole = (value: number): boolean => Number.isSafeInteger(value);
  const runs = numberOf('runs', flags.runs, (value) => whole(value) && value > 0, 'a whole number from 1');
  const first = numberOf('seed', flags.seed, (value) => whole(value) && value >= 0, 'a whole number from 0');
  const recipe = recipeOf(flags, target);
  const finished: Finished[] = [];
  for (let seed = first; seed < first + runs; seed++) {
    const answer = await train([`--recipe=${recipe}`, ...command.args, `--seed=${seed}`]);
    const { summary, run, fromStartSeconds: seconds } = answer;
    finished.push({ run, seed, seconds, accuracy: summary['test/accuracy']!, tflop: summary['trainTflop']! });
    process.stderr.write(`seed ${seed}: ${summary['test/accuracy']!.toFixed(4)}, ${seconds.toFixed(1)} s\n`);
  }
  const environment = environmentOf(finished[0]!.run);
  const accuracy = summarizeSeeds(finished.map(({ accuracy: one }) => one));
  const result = { recipe, target, runs: finished, accuracy, environment };
  process.stdout.write(`${flags.json === true ? toPrintedJson(result) : speedrunText(result)}\n`);
}

/** `speedrun`: how soon a recipe of fixed epochs reaches an accuracy. */
export function speedrunCommand(): Command {
  return new Command('speedrun')
    .description(
      'Train a recipe of fixed epochs several times, each in a process of its own, and say how soon and how good.',
    )
    .requiredOption('--target <accuracy>', 'mean test accuracy to reach; its recipe is fast-<percent>')
    .option('--runs <n>', `seeds; a record needs ${recordRuns}`, '5')
    .option('--seed <n>', 'the first of them', '1')
    .option('--recipe <name>', 'another recipe, or the path of a .yaml file')
    .option('--json', 'print one JSON object')
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText(
      'after',
      `
Any other flag goes to \`atelier run\`, for example --threads=2. benchmarks/speedrun/README.md has the rules.

Examples:
  npx atelier speedrun --target=0.93 --runs=10`,
    )
    .action(speedrun);
}
