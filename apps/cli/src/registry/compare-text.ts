import { comparisonHeadline, type ComparisonPart, type RunComparison } from '@atelier/registry';
import { formatTable } from '../terminal/table.ts';

/** For terminals. */
export function toText(comparison: RunComparison, parts: readonly ComparisonPart[]): string {
  const sections = parts.map(({ title, columns, rows, note }) =>
    [title, formatTable([...columns], rows), ...(note === undefined ? [] : [note])].join('\n'),
  );
  return [[comparisonHeadline(comparison), '', ...comparison.verdict].join('\n'), ...sections].join('\n\n');
}
