const below = (...words) =>
  Object.fromEntries(words.at(-1).map((verb) => [verb, [...words.slice(0, -1), verb]]));

/** Which command of the program a target of a project is: `nx run data:fetch` is `atelier data fetch`. */
export const COMMANDS = {
  data: below('data', ['fetch', 'describe', 'preview']),
  engine: below('engine', ['doctor', 'install-onednn', 'install-tensorflow']),
  train: below(['run', 'sweep', 'speedrun']),
  tracker: below([
    ...['ls', 'show', 'query', 'sql', 'tag', 'rm', 'restore', 'gc', 'doctor'],
    ...['compare', 'registry', 'export', 'import'],
  ]),
  dashboard: below(['serve']),
};

/** Targets that something has to be built for. */
export const NEEDS = { 'dashboard:serve': 'dashboard:build' };

/**
 * What somebody typed to nx, as the command and its arguments, untouched: `nx run data:fetch …` or `nx fetch data …`. A first
 * bare `--` belongs to nx. Undefined where it is no command of the program, or where nx is given flags of its own before it.
 * @param {readonly string[]} typed what follows `nx`
 * @returns {{ target: string, args: string[] } | undefined}
 */
export function commandOf(typed) {
  const infix = typed[0] !== 'run';
  const [project, verb] = infix ? [typed[1], typed[0]] : (typed[1] ?? '').split(':');
  const command = Object.hasOwn(COMMANDS, project ?? '') ? COMMANDS[project][verb] : undefined;
  if (command === undefined || (!infix && typed[1] !== `${project}:${verb}`)) return undefined;
  const rest = typed.slice(2);
  const bare = rest.indexOf('--');
  if (bare >= 0) rest.splice(bare, 1);
  return { target: `${project}:${verb}`, args: [...command, ...rest] };
}
