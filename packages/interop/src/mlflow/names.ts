import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { fileName, pathFault, PathTree } from '@atelier/tracker';

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
  private readonly tree = new PathTree();
  private readonly taken = new Set<string>();
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
    this.tree.add(key);
    return key;
  }

  /** Ours by MLflow's, where they differ. */
  changed(): Record<string, string> {
    const differing = [...this.given].filter(([name, key]) => name !== key);
    return Object.fromEntries(differing.map(([name, key]) => [key, name]));
  }

  private isFree(key: string): boolean {
    if (this.taken.has(key)) return false;
    return !this.asFiles || (pathFault(key) === undefined && this.tree.isFree(key));
  }

  private substitute(name: string): string {
    const plain = fileName(name.replace(/[^\p{L}\p{N}_.\- ]/gu, '_').replace(/^\.+/, '_'), LONGEST - 9);
    return `${plain}_${hashOf(name)}`;
  }
}

function hashOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 8);
}

/** Names of artifacts where they become files: a name that is also a folder gets another. */
export class ArtifactNames {
  private readonly tree = new PathTree();
  /** How many got another name. */
  renamed = 0;

  of(path: string): string {
    const place = this.tree.isFree(path) ? path : `${hashOf(path)}_${fileName(path)}`;
    if (place !== path) this.renamed++;
    this.tree.add(place);
    return place;
  }
}
