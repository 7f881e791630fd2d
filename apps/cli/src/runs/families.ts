import type { SeedFamily, Tracker } from '@atelier/tracker';
import { formatTable } from '../terminal/table.ts';
import { formatNumber, toPrintedJson } from '../terminal/values.ts';

interface FamilyOptions {
  readonly project?: string;
  readonly columns?: string;
  readonly limit: number;
  readonly json?: boolean;
}

function toRows(family: SeedFamily, metrics: readonly string[]): string[][] {
  return metrics.flatMap((metric) => {
    const spread = family.metrics[metric];
    if (spread === undefined) return [];
    const interval =
      spread.low === undefined ? '' : `${formatNumber(spread.low)} to ${formatNumber(spread.high)}`;
    return [
      [
        family.family.slice(0, 8),
        family.name,
        String(spread.n),
        family.runs.map(({ seed, id }) => String(seed ?? `#${id}`)).join(' '),
        metric,
        formatNumber(spread.mean),
        formatNumber(spread.sd),
        interval,
      ],
    ];
  });
}

/** Prints runs that differ only in seeds, a line for each family and metric. */
export function listFamilies(tracker: Tracker, options: FamilyOptions): void {
  const found = tracker.families({ project: options.project, limit: options.limit });
  if (options.json) {
    process.stdout.write(`${toPrintedJson(found)}\n`);
    return;
  }
  const metrics = options.columns?.split(',') ?? ['val/accuracy', 'test/accuracy'];
  const rows = found.flatMap((family) => toRows(family, metrics));
  if (rows.length === 0) {
    process.stdout.write('no two finished runs differ only in their seeds\n');
    return;
  }
  const titles = ['family', 'newest run', 'n', 'seeds', 'metric', 'mean', 'sd', '95 % interval of the mean'];
  const numbers = new Set(['n', 'mean', 'sd']);
  const columns = titles.map((title) =>
    numbers.has(title) ? ({ title, align: 'right' } as const) : { title },
  );
  process.stdout.write(`${formatTable(columns, rows)}\n`);
}
