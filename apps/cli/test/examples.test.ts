import { removeFolder } from '@atelier/tracker/testing/home';
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ENTRY } from '../src/terminal/entry.ts';
import { WORKSPACE_ROOT } from '../src/terminal/home.ts';
import { makeExampleHome, writeNpx } from './examples-home.ts';
import { documentExamples, helpExamples } from './examples.ts';

/** What a test cannot run, and why. */
const LEFT_OUT: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^npm run quickstart/, 'installs and trains for minutes'],
  [/^npm test|^npx nx (affected|run-many)/, 'runs the tests, this one among them'],
  [/engine install-(onednn|tensorflow)/, 'compiles a native library, or downloads one'],
];

/** Flags put behind what is printed, so that the real thing is done in a second: the last word wins. */
const CHEAP: Readonly<Record<string, readonly string[]>> = {
  run: ['--engine=wasm', '--epochs=1', '--validation=30', '--batch-size=40', '--threads=1'],
  speedrun: [
    '--recipe=quick-cnn',
    '--runs=1',
    '--engine=wasm',
    '--epochs=1',
    '--validation=30',
    '--batch-size=40',
  ],
  sweep: ['--dry-run', '--trials=3', '--validation=30'],
  'sweep resume': ['--quiet'],
  data: [],
  'data describe': ['--validation=30'],
  'data preview': ['--validation=30'],
  serve: ['--port=0'],
};
const WITH_DATA = /^(run|speedrun|sweep|sweep run|data \w+)$/;

/** Where it is not 0: a gate's answer hangs on the machine, and of the sweep "lr" every trial fails, and runs of the home are finished. */
const EXIT_CODES: readonly (readonly [pattern: RegExp, codes: readonly number[]])[] = [
  [/registry promote/, [0, 1]],
  [/sweep resume (lr|4)/, [0, 1]],
  // other bits on another engine
  [/ replay .*--engine=/, [1]],
  [/atelier resume/, [2]],
];

/** What takes something away comes last. */
const LAST = [
  /rollback .*--to=/,
  /registry rollback/,
  /registry rm/,
  / (rm|tracker:rm) /,
  / restore /,
  / gc /,
];

const examples = [...helpExamples(), ...documentExamples()].filter(
  ({ line }, i, all) =>
    !LEFT_OUT.some(([pattern]) => pattern.test(line)) && all.findIndex((other) => other.line === line) === i,
);
const order = ({ line }: { line: string }): number => LAST.findIndex((pattern) => pattern.test(line));
examples.sort((a, b) => order(a) - order(b));

/** What only reads, which two can do at once. */
const READS =
  /--help|--dry-run|atelier (ls|show|compare|query|sql|doctor)\b|data (describe|preview)|sweep (ls|show|status)|engine doctor|registry (ls|show|log|history|verify)\b/;
const [reading, writing] = [true, false].map((reads) =>
  examples.filter(({ line }) => READS.test(line) === reads),
) as [typeof examples, typeof examples];

let scratch: string;
let made: Awaited<ReturnType<typeof makeExampleHome>>;

/** Stands for npx: finds the program, adds what makes it cheap, and hands everything on as it came. */
function npxSource(): string {
  return `import { spawn } from 'node:child_process';
import { commandOf } from ${JSON.stringify(pathToFileURL(join(WORKSPACE_ROOT, 'tools/nx/commands.mjs')).href)};
const [program, ...typed] = process.argv.slice(2);
const args = program === 'atelier' ? typed : commandOf(typed).args;
const CHEAP = ${JSON.stringify(CHEAP)};
const words = args.filter((word) => !word.startsWith('-'));
const verb = args[1] !== undefined && !args[1].startsWith('-') ? words.slice(0, 2).join(' ') : words[0];
const more = args.includes('--help') ? [] : [
  ...(CHEAP[verb] ?? []),
  ...(${String(WITH_DATA)}.test(verb) && !args.some((word) => word.startsWith('--objective=')) ? ['--dataset=' + process.env.EXAMPLE_DATA] : []),
];
const child = spawn(process.execPath, [${JSON.stringify(ENTRY)}, ...args, ...more], { stdio: 'inherit' });
process.on('SIGINT', () => {});
child.on('exit', (code) => process.exit(code ?? 1));\n`;
}

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'atelier-examples-'));
  made = await makeExampleHome(scratch);
  writeFileSync(join(scratch, 'bin/npx.mjs'), npxSource());
  writeNpx(join(scratch, 'bin'), join(scratch, 'bin/npx.mjs'));
}, 240_000);
afterAll(() => removeFolder(scratch));

function type(line: string): Promise<{ code: number | null; words: string }> {
  // at Ctrl-C a shell waits for what it runs
  const child = spawn('sh', ['-c', `trap : INT\n${line}`], {
    cwd: made.folder,
    detached: true,
    env: {
      ...process.env,
      PATH: `${join(scratch, 'bin')}${delimiter}${process.env['PATH']}`,
      HOME: scratch,
      ATELIER_HOME: made.home,
      EXAMPLE_DATA: made.data,
      NO_COLOR: '1',
    },
  });
  let words = '';
  let served = false;
  const hear = (text: Buffer): void => {
    words += text.toString();
    if (served || !words.includes('Ctrl-C ends it')) return;
    served = true;
    process.kill(-child.pid!, 'SIGINT');
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, words })));
}

it('finds the examples', () => {
  expect(helpExamples().length).toBeGreaterThan(40);
  expect(documentExamples().length).toBeGreaterThan(30);
  // every command has one
  const sources = new Set(helpExamples().map(({ source }) => source));
  for (const verb of ['run', 'sweep run', 'ls', 'registry promote', 'export', 'data fetch', 'serve'])
    expect(sources).toContain(`atelier ${verb} --help`);
});

async function works({ line }: { line: string }): Promise<void> {
  const { code, words } = await type(line);
  const codes = EXIT_CODES.find(([pattern]) => pattern.test(line))?.[1] ?? [0];
  expect(codes.includes(code!) ? '' : `${code}: ${words}`).toBe('');
}
it.concurrent.each(reading)('$line ($source)', works);
it.each(writing)('$line ($source)', works);
