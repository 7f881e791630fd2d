import type { ConfusionMatrix } from './confusion.ts';
import { checkNames } from './report-text.ts';

const LINE_WIDTH = 110;
const CORNER = 'true \\ predicted';

function shorten(name: string, width: number): string {
  return name.length <= width ? name : `${name.slice(0, width - 1)}…`;
}

/** Column heads of at most `width` characters; class numbers where shortening makes two of them the same. */
function columnHeads(names: readonly string[], width: number): string[] {
  const short = names.map((name) => shorten(name, width));
  return new Set(short).size === names.length ? short : names.map((_, index) => String(index));
}

/**
 * The matrix as aligned text: one row per true class, one column per predicted class. Heads are shortened so that
 * lines of 10 classes stay within 110 characters (more classes make wider lines). Ends in a line break.
 * @param classNames one per class, in class order.
 */
export function formatMatrix(matrix: ConfusionMatrix, classNames: readonly string[]): string {
  const { classes, counts } = matrix;
  checkNames(classNames, classes);
  const largest = counts.reduce((most, count) => Math.max(most, count), 0);
  const rowNames = classNames.map((name) => shorten(name, 24));
  const rowWidth = Math.max(CORNER.length, ...rowNames.map((name) => name.length));
  const room = Math.floor((LINE_WIDTH - rowWidth) / classes) - 1;
  const heads = columnHeads(classNames, Math.max(room, 4));
  const width = Math.max(String(largest).length, ...heads.map((head) => head.length));
  const numbered = heads.some((head, index) => head !== shorten(classNames[index]!, Math.max(room, 4)));
  const line = (head: string, cells: readonly string[]): string =>
    `${head.padEnd(rowWidth)}${cells.map((cell) => ` ${cell.padStart(width)}`).join('')}`.trimEnd() + '\n';
  const rows = classNames.map((_, row) => {
    const head = numbered ? shorten(`${row} ${classNames[row]}`, rowWidth) : rowNames[row]!;
    return line(head, Array.from(counts.subarray(row * classes, (row + 1) * classes), String));
  });
  return line(CORNER, heads) + rows.join('');
}
