import { formatTable } from '@atelier/cli';
import type { RunComparison } from '../registry/comparison.ts';
import { comparisonHeadline } from '../report/comparison-markdown.ts';
import type { Part } from '../report/comparison-parts.ts';

/** For terminals. */
export function toText(comparison: RunComparison, parts: readonly Part[]): string {
  const sections = parts.map(({ title, columns, rows, note }) =>
    [title, formatTable([...columns], rows), ...(note === undefined ? [] : [note])].join('\n'),
  );
  return [[comparisonHeadline(comparison), '', ...comparison.verdict].join('\n'), ...sections].join('\n\n');
}
