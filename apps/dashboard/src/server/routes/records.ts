import type { Tracker } from '@atelier/tracker';
import { Hono } from 'hono';
import { RunId, SplitQuery } from '../../api/query.ts';
import type { Quality } from '../../api/quality.ts';
import { ConsoleQuery, type ConsolePage, type Diff } from '../../api/records.ts';
import { NotFoundError } from '../../errors.ts';
import { parsed } from '../request.ts';
import { qualityOf } from '../quality.ts';

/** Lines in one answer, and characters of a diff: more is downloaded, not read in a page. */
const MOST_LINES = 5000;
const MOST_DIFF = 400_000;
const DIFF = 'git/uncommitted.diff';
/** Computed answers kept: each is some 100 kB. */
const MOST_KEPT = 20;

/** Judgements cost a tenth of a second and change only with the run's ledgers. */
function cachedQuality(tracker: Tracker) {
  const kept = new Map<string, Quality>();
  return (id: number, split: 'val' | 'test'): Quality => {
    const { ledgers, artifacts } = tracker.getRun(id);
    const key = JSON.stringify([id, split, ledgers, artifacts.length]);
    const known = kept.get(key) ?? qualityOf(tracker, id, split);
    kept.delete(key);
    kept.set(key, known);
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
    return known;
  };
}

/** What a run recorded besides its numbers, under /api/runs: its console, its uncommitted changes; and its quality. */
export function recordRoutes(tracker: Tracker) {
  const quality = cachedQuality(tracker);
  return new Hono()
    .get('/:id/quality', parsed('param', RunId), parsed('query', SplitQuery), (context) =>
      context.json(
        quality(context.req.valid('param').id, context.req.valid('query').split) satisfies Quality,
      ),
    )
    .get('/:id/console', parsed('param', RunId), parsed('query', ConsoleQuery), (context) => {
      const { id } = context.req.valid('param');
      const { after } = context.req.valid('query');
      tracker.getRun(id);
      const lines = tracker.console(id, after).slice(0, MOST_LINES);
      const page: ConsolePage = {
        lines: lines.map(({ at, stream, text }) => ({ at, stream, text })),
        next: after + lines.length,
      };
      return context.json(page);
    })
    .get('/:id/diff', parsed('param', RunId), (context) => {
      const { id } = context.req.valid('param');
      if (!tracker.getRun(id).artifacts.some(({ path }) => path === DIFF)) {
        throw new NotFoundError('ARTIFACT_UNKNOWN', `run ${id} recorded no uncommitted changes (${DIFF})`);
      }
      const text = new TextDecoder().decode(tracker.readArtifact(id, DIFF));
      return context.json({ text: text.slice(0, MOST_DIFF), cut: text.length > MOST_DIFF } satisfies Diff);
    });
}
