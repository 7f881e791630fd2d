/**
 * Nx and the program `atelier`. Nx reads flags before it runs a target: it keeps those it knows (--batch, --project, --help),
 * drops what stands before a `--`, prints around the target, and knows the exit codes 0 and 1 only. So where somebody typed a
 * command of ours, it is run here, before any task: with the arguments as they were typed, no shell, this terminal, this
 * folder, and its own exit code.
 *
 * Needs to be loaded by Nx's own process: NX_ISOLATE_PLUGINS=false, in .env. Where it is not, and for `nx run-many`, the
 * executor beside does the same within what Nx allows.
 */
import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { COMMANDS, NEEDS, commandOf } from './commands.mjs';
import { ENTRY, foreground } from './foreground.mjs';

export const name = 'atelier';

const isNx = process.env.NX_CLI_SET === 'true' && /^nx(\.js)?$/.test(basename(process.argv[1] ?? ''));
const typed = isNx ? commandOf(process.argv.slice(2)) : undefined;

/** @param {readonly string[]} typed what follows `nx` @param {RegExp} flag @returns {boolean} whether nx takes such a flag for itself */
function takes(words, flag) {
  const bare = words.indexOf('--');
  return words.slice(0, bare < 0 ? undefined : bare).some((word) => flag.test(word));
}

// These two Nx answers as soon as it has loaded its plugins. It holds a lock meanwhile, so nothing here may last.
if (typed !== undefined && takes(process.argv, /^(--help|-h)$/)) {
  process.exit(spawnSync(process.execPath, [ENTRY, ...typed.args], { stdio: 'inherit' }).status ?? 1);
}
if (typed !== undefined && takes(process.argv, /^(--project|-p)(=|$)/)) {
  const [flag] = process.argv.filter((word) => /^(--project|-p)(=|$)/.test(word));
  process.stderr.write(
    `error: nx takes ${flag.split('=')[0]} for its own: write npx atelier ${typed.args.join(' ')}, ` +
      `or put it after --: npx nx run ${typed.target} -- ${flag}\n`,
  );
  process.exit(2);
}

/** Builds what the command needs; silent where that works. @param {string} target */
function build(target) {
  const nx = [process.argv[1], 'run', target, '--output-style=static'];
  const { status, stdout } = spawnSync(process.execPath, nx, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2],
  });
  if (status !== 0) process.stderr.write(stdout);
  if (status !== 0) process.exit(1);
}

/** Called by Nx's own process before it runs tasks. */
export async function preTasksExecution() {
  if (typed === undefined) return;
  const needed = NEEDS[typed.target];
  if (needed !== undefined) build(needed);
  process.exit(await foreground(typed.args));
}

const targetsOf = (project) =>
  Object.fromEntries(
    Object.entries(COMMANDS[project]).map(([verb, command]) => {
      const needed = NEEDS[`${project}:${verb}`];
      const description = `npx atelier ${command.join(' ')}: --help lists its options`;
      return [
        verb,
        {
          executor: './tools/nx:command',
          options: { command },
          metadata: { description },
          ...(needed && { dependsOn: [needed.split(':')[1]] }),
        },
      ];
    }),
  );

/** Every command is a target of the project whose subject it is. */
export const createNodesV2 = [
  '{packages,apps}/*/package.json',
  (files) =>
    files.map((file) => {
      const root = file.slice(0, -'/package.json'.length);
      const project = basename(root);
      const targets = Object.hasOwn(COMMANDS, project) ? targetsOf(project) : {};
      return [file, { projects: { [root]: { targets } } }];
    }),
];
