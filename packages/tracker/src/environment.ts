import { execFileSync } from 'node:child_process';
import { arch, cpus, platform, totalmem } from 'node:os';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { GitState, LockFile, Machine, RunEnvironment } from './schema.ts';

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

const LOCK_FILES = ['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock'];

/** The nearest lock file, from the folder upwards. */
function readLockFile(folder: string): LockFile | undefined {
  for (const file of LOCK_FILES) {
    const path = join(folder, file);
    if (!existsSync(path)) continue;
    try {
      return { file, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') };
    } catch {
      return undefined;
    }
  }
  return dirname(folder) === folder ? undefined : readLockFile(dirname(folder));
}

const LONGEST_DIFF = 2_000_000;

/**
 * How the working tree differs from its commit, as `git apply` takes it; up to 2 MB, a longer one is cut and says so.
 * Undefined where there is no difference or no repository. Untracked files are not in it.
 */
export function readUncommittedDiff(folder: string = process.cwd()): Buffer | undefined {
  try {
    const diff = execFileSync('git', ['diff', 'HEAD', '--binary', '--no-color', '--no-ext-diff'], {
      cwd: folder,
      timeout: 10_000,
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    if (diff.length === 0) return undefined;
    if (diff.length <= LONGEST_DIFF) return diff;
    const note = `\n# cut here: the whole difference is ${diff.length} bytes\n`;
    return Buffer.concat([diff.subarray(0, LONGEST_DIFF), Buffer.from(note)]);
  } catch {
    return undefined;
  }
}

/** What this process runs on, all but the engine. `folder`: where to look for the git repository. */
export function readEnvironment(folder: string = process.cwd()): Omit<RunEnvironment, 'engine'> {
  const git = readGit(folder);
  const lockFile = readLockFile(folder);
  return {
    ...(lockFile !== undefined && { lockFile }),
    ...(git !== undefined && { git }),
    machine: readMachine(),
    node: process.versions.node,
    command: [...process.argv],
  };
}
