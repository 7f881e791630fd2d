import type { RunComparison } from './comparison.ts';
import type { Column, Part } from './comparison-parts.ts';

/** What is compared, in one line. */
export function comparisonHeadline({ a, b, split, dataset }: RunComparison): string {
  return `${b.runName} (B) against ${a.runName} (A) on ${split} of ${dataset.name} ${dataset.digest.slice(0, 12)}`;
}

/** A name of ours in a cell: what Markdown would read as its own is escaped. */
function escape(text: string): string {
  return text.replace(/[\\|`*_<>[\]#]/g, '\\$&').replace(/\s+/g, ' ');
}

function markdownTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ title }) => escape(title))),
    line(columns.map(({ align }) => (align === 'right' ? '---:' : '---'))),
    ...rows.map((row) => line(row.map(escape))),
  ].join('\n');
}

/** Long parts are folded, so that a pull request shows the verdict first. */
const OPEN_PARTS = 2;

/** For pull requests. */
export function comparisonMarkdown(comparison: RunComparison, parts: readonly Part[]): string {
  const sections = parts.map(({ title, columns, rows, note }, index) => {
    const body = [markdownTable(columns, rows), ...(note === undefined ? [] : [escape(note)])].join('\n\n');
    if (index < OPEN_PARTS) return `### ${title}\n\n${body}`;
    return `<details><summary>${title.replace(/[<>&]/g, (of) => `&#${of.charCodeAt(0)};`)}</summary>\n\n${body}\n\n</details>`;
  });
  const [first, ...rest] = comparison.verdict.map(escape);
  const head = [`## ${escape(comparisonHeadline(comparison))}`, `**${first}**`, ...rest];
  return [...head, ...sections].join('\n\n');
}
