import { execFileSync } from 'node:child_process';
import { arch, cpus, platform, totalmem } from 'node:os';
import type { GitState, Machine, RunEnvironment } from './schema.ts';

function readMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() || 'unknown',
    cores: Math.max(processors.length, 1),
    memoryBytes: totalmem(),
    platform: platform(),
    arch: arch(),
  };
}

/** Undefined outside a repository, before the first commit, and where git is absent. */
function readGit(folder: string): GitState | undefined {
  let status: string;
  try {
    status = execFileSync('git', ['status', '--porcelain=v2', '--branch'], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 10_000,
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return undefined;
  }
  const header = (name: string): string | undefined =>
    new RegExp(`^# branch\\.${name} (.+)$`, 'm').exec(status)?.[1];
  const commit = header('oid');
  if (commit === undefined || commit === '(initial)') return undefined;
  return { commit, branch: header('head') ?? '(detached)', dirty: /^[^#]/m.test(status) };
}

/** What this process runs on, all but the engine. `folder`: where to look for the git repository. */
export function readEnvironment(folder: string = process.cwd()): Omit<RunEnvironment, 'engine'> {
  const git = readGit(folder);
  return {
    ...(git !== undefined && { git }),
    machine: readMachine(),
    node: process.versions.node,
    command: [...process.argv],
  };
}
