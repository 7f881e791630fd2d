/**
 * Names and relative paths that come from outside (scripts, bundles, other programs' stores) and will some day be files
 * of somebody: the one place that says which are taken.
 */

/** UTF-8 bytes that every file system takes as one name. */
const LONGEST_SEGMENT = 255;
const LONGEST_PATH = 1024;

/** Control characters, line breaks and changes of direction by Unicode, halves of characters. */
const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
/** What Windows takes for a device, whatever follows the first dot. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

const bytesOf = (text: string): number => Buffer.byteLength(text);

function segmentFault(segment: string): string | undefined {
  if (segment === '') return 'has an empty part';
  if (segment === '.' || segment === '..') return `has the part "${segment}"`;
  if (/[. ]$/.test(segment)) return 'has a part that ends in a dot or a blank';
  if (DEVICE.test(segment)) return `has the part "${segment}", a device on Windows`;
  return bytesOf(segment) > LONGEST_SEGMENT ? `has a part of more than ${LONGEST_SEGMENT} bytes` : undefined;
}

/** Why no file may be named so; undefined where one may: parts with `/` between them that stay below their folder. */
export function pathFault(path: string): string | undefined {
  if (path === '') return 'is empty';
  if (CONTROL.test(path)) return 'has control characters, or others that are not shown';
  if (path.includes('\\')) return 'has a backslash';
  if (path.startsWith('/')) return 'is absolute';
  if (/^[a-z]:/i.test(path)) return 'begins with a drive letter';
  if (bytesOf(path) > LONGEST_PATH) return `has more than ${LONGEST_PATH} bytes`;
  for (const segment of path.split('/')) {
    const fault = segmentFault(segment);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The folders above a path, outermost first: `a/b/c` has `a` and `a/b`. */
export function foldersOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('/'));
}

/** The paths of one tree of files: in it no name is a file and a folder at once. */
export class PathTree {
  private readonly files = new Set<string>();
  private readonly folders = new Set<string>();

  isFree(path: string): boolean {
    return (
      !this.files.has(path) &&
      !this.folders.has(path) &&
      !foldersOf(path).some((each) => this.files.has(each))
    );
  }

  add(path: string): void {
    this.files.add(path);
    for (const folder of foldersOf(path)) this.folders.add(folder);
  }
}

/** The beginning of a text that takes at most so many bytes of UTF-8, whole characters only. */
function cut(text: string, bytes: number): string {
  if (bytesOf(text) <= bytes) return text;
  let length = 0;
  let kept = '';
  for (const character of text) {
    length += bytesOf(character);
    if (length > bytes) break;
    kept += character;
  }
  return kept;
}

/** Any text as the name of one file or folder, on every system: much is replaced by `_`, long ones are cut. */
export function fileName(text: string, mostBytes = 150): string {
  const plain = text.replace(/[\\/:*?"<>|\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '_');
  const name = cut(plain, mostBytes).replace(/[. ]+$/, '_');
  return segmentFault(name) === undefined ? name : `_${name}`;
}
