import { createHash } from 'node:crypto';
import { posix } from 'node:path';

/** The tag with a run's id where it was recorded: the order of runs that began in the same millisecond. */
export const RUN_TAG = 'atelier.run';

/** MLflow's limit for keys of metrics and parameters. */
const LONGEST = 250;

function isPlainPath(name: string): boolean {
  return posix.normalize(name) === name && name !== '.' && !name.startsWith('..') && !name.startsWith('/');
}

/** What MLflow takes as a key: letters, digits, `_ - . / : ` and blanks, and a path that is not changed by tidying. */
function isValid(name: string): boolean {
  return (
    name !== '' &&
    name.length <= LONGEST &&
    /^[/\p{L}\p{N}_.\- :]*$/u.test(name) &&
    isPlainPath(name) &&
    !name.endsWith('/')
  );
}

/**
 * Names as MLflow takes them: most stay, others get `_` for each character it refuses and a few digits of their
 * hash. For the file store a name may also not be a folder of another (`loss` and `loss/train`).
 */
export class MlflowNames {
  private readonly given = new Map<string, string>();
  private readonly taken = new Set<string>();
  private readonly folders = new Set<string>();
  private readonly asFiles: boolean;

  constructor(asFiles: boolean) {
    this.asFiles = asFiles;
  }

  of(name: string): string {
    const known = this.given.get(name);
    if (known !== undefined) return known;
    const key = isValid(name) && this.isFree(name) ? name : this.substitute(name);
    this.given.set(name, key);
    this.taken.add(key);
    for (const folder of foldersOf(key)) this.folders.add(folder);
    return key;
  }

  /** Ours by MLflow's, where they differ. */
  changed(): Record<string, string> {
    const differing = [...this.given].filter(([name, key]) => name !== key);
    return Object.fromEntries(differing.map(([name, key]) => [key, name]));
  }

  private isFree(key: string): boolean {
    if (this.taken.has(key)) return false;
    if (!this.asFiles) return true;
    return !this.folders.has(key) && !foldersOf(key).some((folder) => this.taken.has(folder));
  }

  private substitute(name: string): string {
    const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
    const plain = name.replace(/[^\p{L}\p{N}_.\- ]/gu, '_').replace(/^\.+/, '_');
    return `${plain.slice(0, LONGEST - 9)}_${hash}`;
  }
}

function foldersOf(key: string): string[] {
  const parts = key.split('/');
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('/'));
}
