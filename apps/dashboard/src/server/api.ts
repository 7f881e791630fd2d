import type { EvidenceThread } from '@atelier/registry';
import type { QueryProcess, Tracker } from '@atelier/tracker';
import { Hono } from 'hono';
import { watchChanges } from './changes.ts';
import type { DatasetSource } from './images.ts';
import { compareRoutes } from './routes/compare.ts';
import { curveRoutes } from './routes/curves.ts';
import { dataRoutes } from './routes/data.ts';
import { eventRoutes } from './routes/events.ts';
import { imageRoutes } from './routes/images.ts';
import { modelRoutes, registryRoutes } from './routes/models.ts';
import { recordRoutes } from './routes/records.ts';
import { runTableRoutes, viewRoutes } from './routes/run-table.ts';
import { runRoutes } from './routes/runs.ts';
import { sweepRoutes } from './routes/sweeps.ts';
import { tryRoutes } from './routes/try.ts';
import type { StartSweep } from './sweep-resume.ts';
import type { WriteAccess } from './writing.ts';

export interface ApiParts {
  readonly tracker: Tracker;
  /** Present where changes are taken. */
  readonly write: WriteAccess | undefined;
  readonly images: DatasetSource;
  /** Computes evidence while the server goes on. */
  readonly thread: EvidenceThread;
  /** Answers filters while the server goes on. */
  readonly queries: QueryProcess;
  /** Carries sweeps on; absent: this server starts none. */
  readonly startSweep?: StartSweep | undefined;
  /** Folder of gate files. */
  readonly gates: string;
}

/** Everything under /api but its description. The type says what is asked and answered where, for {@link createClient}. */
export function apiRoutes(parts: ApiParts) {
  const { tracker, write, images, thread, queries } = parts;
  return new Hono()
    .get('/health', (context) => context.json({ status: 'ok', readOnly: write === undefined }))
    .route('/runs', runTableRoutes(tracker, write, queries))
    .route('/runs', runRoutes(tracker))
    .route('/runs', recordRoutes(tracker))
    .route('/views', viewRoutes(tracker, write))
    .route('/compare', compareRoutes(tracker, thread))
    .route('/curves', curveRoutes(tracker))
    .route('/sweeps', sweepRoutes(tracker, write, parts.startSweep))
    .route('/datasets', imageRoutes(tracker, images))
    .route('/models', modelRoutes(parts))
    .route('/registry', registryRoutes(parts))
    .route('/data', dataRoutes(tracker, images))
    .route('/try', tryRoutes(tracker))
    .route('/events', eventRoutes(watchChanges(tracker)));
}

export type Api = ReturnType<typeof apiRoutes>;
