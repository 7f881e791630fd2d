import type { RunSummary, Tracker } from '@atelier/tracker';
import { ExportSelectionError } from './errors.ts';

const PAGE = 500;

/** All runs (of a project), newest first, a page at a time. */
export function* eachRun(tracker: Tracker, project?: string): Generator<RunSummary> {
  let before: number | undefined;
  for (;;) {
    const page = tracker.listRuns({ project, limit: PAGE, before });
    yield* page;
    if (page.length < PAGE) return;
    before = page.at(-1)!.id;
  }
}

/** The run ids (or the name) that one part of `1,2,5-9,baseline` means. */
function idsOf(tracker: Tracker, part: string, known: ReadonlySet<number>): number[] {
  const range = /^(\d+)-(\d+)$/.exec(part);
  if (range === null) return [tracker.findRunId(part)];
  const [from, to] = [Number(range[1]), Number(range[2])];
  if (from > to) {
    throw new ExportSelectionError(`"${part}" runs backwards: write ${to}-${from} for these runs`);
  }
  const found = [...known].filter((id) => id >= from && id <= to);
  if (found.length === 0) throw new ExportSelectionError(`there is no run from ${from} to ${to}`);
  return found;
}

/**
 * The ids of the runs to export, ascending.
 * @param typed `1,2,5-9,baseline`: ids, ranges (gaps in them are no error) and names; absent: all.
 * @throws ExportSelectionError, RunUnknownError
 */
export function selectRuns(
  tracker: Tracker,
  { runs: typed, project }: { runs?: string | undefined; project?: string | undefined },
): number[] {
  const known = new Set(Array.from(eachRun(tracker, project), ({ id }) => id));
  if (known.size === 0) {
    const where = project === undefined ? tracker.home : `project "${project}" (${tracker.home})`;
    throw new ExportSelectionError(`there are no runs in ${where}${projectHint(tracker, project)}`);
  }
  if (typed === undefined) return [...known].sort((a, b) => a - b);
  const parts = typed.split(',').map((part) => part.trim());
  if (parts.includes('')) {
    throw new ExportSelectionError(
      `"${typed}" is no list of runs: expected ids, ranges or names, as 1,2,5-9`,
    );
  }
  const ids = new Set(parts.flatMap((part) => idsOf(tracker, part, known)));
  const elsewhere = [...ids].filter((id) => !known.has(id));
  if (elsewhere.length > 0) {
    throw new ExportSelectionError(`run ${elsewhere.join(', ')} is not of project "${project}"`);
  }
  return [...ids].sort((a, b) => a - b);
}

function projectHint(tracker: Tracker, project: string | undefined): string {
  if (project === undefined) return '';
  const names = new Set(Array.from(eachRun(tracker), (run) => run.project));
  return names.size === 0 ? '' : `; projects: ${[...names].sort().join(', ')}`;
}
