import { ImportRunError, pathFault, type Run, type Tracker } from '@atelier/tracker';

type Report = (text: string) => void;

function withReport(tracker: Tracker, report: Report): Tracker {
  return {
    ...tracker,
    curves(id, options) {
      const found = tracker.curves(id, options);
      for (const { key, missing } of found.curves) {
        if (missing !== undefined)
          report(`${missing} points of ${JSON.stringify(key)} of run ${id} are damaged`);
      }
      return found;
    },
    predictions(id, of) {
      const found = tracker.predictions(id, of);
      if (found === undefined)
        report(`the predictions of ${JSON.stringify(of.split)} of run ${id} are damaged`);
      return found;
    },
  };
}

/** The run without artifacts whose names would lead out of the folder they are written to. */
function withSafeNames(run: Run, report: Report): Run {
  const artifacts = run.artifacts.filter(({ path }) => {
    const fault = pathFault(path);
    if (fault !== undefined) report(`the artifact ${JSON.stringify(path)} of run ${run.id} ${fault}`);
    return fault === undefined;
  });
  return { ...run, artifacts };
}

/** A tracker to export from: what is damaged, or named so that it must not be written, is left out and reported. */
export function salvaged(tracker: Tracker, report: Report): Tracker {
  const once = new Set<string>();
  const reportOnce = (text: string): void => {
    if (once.has(text)) return;
    once.add(text);
    report(`${text}: left out`);
  };
  const source = withReport(tracker, reportOnce);
  return { ...source, getRun: (id) => withSafeNames(tracker.getRun(id), reportOnce) };
}

/** A tracker to import from: a run that is damaged is none. */
export function undamaged(tracker: Tracker): Tracker {
  return withReport(tracker, (text) => {
    throw new ImportRunError(text);
  });
}
