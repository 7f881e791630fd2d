import { SWEEP_STATUSES, TRIAL_STATES } from '@atelier/base';
import { z } from 'zod';

/** Numbers that JSON cannot hold, NaN and infinities, travel as null. */
const Value = z.number().nullable();

export const SweepId = z.strictObject({ id: z.coerce.number().int().positive() });

const Index = z.coerce.number().int().min(0).max(15).default(0);

export const AnalysisQuery = z.strictObject({
  objective: Index,
  /** `columns`: the same as {@link SweepColumns}, a fraction of the bytes. */
  form: z.enum(['rows', 'columns']).default('rows'),
});

export const ImportanceQuery = z.strictObject({
  objective: Index,
  method: z.enum(['ped-anova', 'fanova']).default('ped-anova'),
});

export const ContourQuery = z.strictObject({
  objective: Index,
  x: z.string().min(1).max(500),
  y: z.string().min(1).max(500),
});

export const SweepObjective = z.strictObject({
  metric: z.string(),
  direction: z.enum(['maximize', 'minimize']),
});
export type SweepObjective = z.output<typeof SweepObjective>;

export const SweepTrialState = z.enum(TRIAL_STATES);
export type SweepTrialState = z.output<typeof SweepTrialState>;

export const SweepRow = z.strictObject({
  id: z.number(),
  name: z.string(),
  project: z.string(),
  status: z.enum(SWEEP_STATUSES),
  /** Whether a process schedules it now: one that is RUNNING without has lost its process. */
  isLed: z.boolean(),
  isStopping: z.boolean(),
  createdAt: z.number(),
  /** Kinds, for people; null where the sweep does not say. */
  sampler: z.string().nullable(),
  pruner: z.string().nullable(),
  objectives: z.array(SweepObjective),
  counts: z.record(SweepTrialState, z.number()),
  /** Trials there will be; null where nobody knows. */
  planned: z.number().nullable(),
  /** Best completed trial by the first objective. */
  best: z.strictObject({ number: z.number(), values: z.array(Value) }).nullable(),
});
export type SweepRow = z.output<typeof SweepRow>;

export const SweepList = z.strictObject({ sweeps: z.array(SweepRow) });
export type SweepList = z.output<typeof SweepList>;

export const SweepAxis = z.strictObject({
  path: z.string(),
  scale: z.enum(['linear', 'log', 'choice']),
  low: z.number(),
  high: z.number(),
  choices: z.array(z.json()).optional(),
});
export type SweepAxis = z.output<typeof SweepAxis>;

export const SweepTrialRow = z.strictObject({
  number: z.number(),
  state: SweepTrialState,
  parameters: z.record(z.string(), z.json()),
  values: z.array(Value),
  seed: z.number(),
  runId: z.number().nullable(),
  worker: z.string().nullable(),
  attempts: z.number(),
  isReused: z.boolean(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  last: z.strictObject({ step: z.number(), value: Value }).nullable(),
  /** Why it was pruned or failed. */
  reason: z.string().nullable(),
});
export type SweepTrialRow = z.output<typeof SweepTrialRow>;

export const SweepDetail = z.strictObject({
  sweep: SweepRow,
  axes: z.array(SweepAxis),
  trials: z.array(SweepTrialRow),
  /** Whether this server takes a request to stop. */
  canStop: z.boolean(),
  /** Whether it starts the command that resumes. */
  canResume: z.boolean(),
  resumeCommand: z.string(),
});
export type SweepDetail = z.output<typeof SweepDetail>;

const Point = z.strictObject({ number: z.number(), x: z.number(), value: z.number() });

/** A value over the seeds of one configuration. */
const Spread = z.strictObject({ mean: z.number(), deviation: Value, low: Value, high: Value });

export const SweepAnalysis = z.strictObject({
  history: z.array(z.strictObject({ number: z.number(), value: z.number(), best: z.number() })),
  distribution: z.array(z.strictObject({ value: z.number(), share: z.number() })),
  pareto: z.strictObject({
    points: z.array(z.strictObject({ number: z.number(), values: z.array(z.number()), rank: z.number() })),
    front: z.array(z.number()),
  }),
  parallel: z.strictObject({
    axes: z.array(SweepAxis),
    objectives: z.array(z.strictObject({ metric: z.string(), low: z.number(), high: z.number() })),
    lines: z.array(
      z.strictObject({
        number: z.number(),
        state: SweepTrialState,
        places: z.array(Value),
        values: z.array(z.number()),
      }),
    ),
  }),
  slices: z.array(z.strictObject({ axis: SweepAxis, points: z.array(Point) })),
  timeline: z.array(
    z.strictObject({
      number: z.number(),
      state: SweepTrialState,
      startedAt: z.number(),
      endedAt: Value,
      lane: z.number(),
    }),
  ),
  configurations: z.array(
    z.strictObject({
      parameters: z.record(z.string(), z.json()),
      numbers: z.array(z.number()),
      values: z.array(Spread),
    }),
  ),
});
export type SweepAnalysis = z.output<typeof SweepAnalysis>;

const Numbers = z.array(z.number());
const Values = z.array(Value);

/** An analysis with one array per column; parameters are those of the sweep's trials. `fromColumns` makes rows of it. */
export const SweepColumns = z.strictObject({
  /** `best` holds from the row `at` on. */
  history: z.strictObject({
    number: Numbers,
    value: Numbers,
    best: z.strictObject({ at: Numbers, value: Numbers }),
  }),
  /** `values` has a column per objective. */
  pareto: z.strictObject({ number: Numbers, values: z.array(Numbers), rank: Numbers, front: Numbers }),
  /** `places` has a column per axis, to four decimals. */
  parallel: z.strictObject({
    axes: z.array(SweepAxis),
    objectives: z.array(z.strictObject({ metric: z.string(), low: z.number(), high: z.number() })),
    number: Numbers,
    places: z.array(Values),
  }),
  /** `x` belongs to the rows of `history`, in six digits; null where the parameter is inactive. */
  slices: z.array(z.strictObject({ axis: SweepAxis, x: Values })),
  /** Milliseconds after `from`; `state` is a place in QUEUED, RUNNING, COMPLETE, PRUNED, FAILED. */
  timeline: z.strictObject({
    from: z.number(),
    number: Numbers,
    state: Numbers,
    started: Numbers,
    lasted: Values,
    lane: Numbers,
  }),
  /** `spreads` of those with several trials only. */
  configurations: z.strictObject({ numbers: z.array(Numbers), spreads: z.array(z.array(Spread)) }),
});
export type SweepColumns = z.output<typeof SweepColumns>;

export const SweepImportance = z.strictObject({
  method: z.enum(['ped-anova', 'fanova']),
  metric: z.string(),
  trials: z.number(),
  parameters: z.array(z.strictObject({ path: z.string(), importance: z.number(), raw: z.number() })),
  leftOut: z.array(z.string()),
  note: z.string().optional(),
});
export type SweepImportance = z.output<typeof SweepImportance>;

export const SweepContour = z.strictObject({
  x: SweepAxis,
  y: SweepAxis,
  xEdges: z.array(z.number()),
  yEdges: z.array(z.number()),
  cells: z.array(
    z.strictObject({ column: z.number(), row: z.number(), mean: z.number(), count: z.number() }),
  ),
  points: z.array(z.strictObject({ number: z.number(), x: z.number(), y: z.number(), value: z.number() })),
});
export type SweepContour = z.output<typeof SweepContour>;
