import { z } from 'zod';
import { Comparison, RunSet, StackSet } from '../api/compare.ts';
import { CurveKeys, CurveViews } from '../api/curves.ts';
import { DatasetFindings, DatasetList } from '../api/data.ts';
import { Held, ModelDetail, ModelList, Promoted, RolledBack, Verified } from '../api/models.ts';
import { Quality } from '../api/quality.ts';
import { ConsolePage, Diff } from '../api/records.ts';
import {
  Completion,
  Done,
  Families,
  FieldNames,
  RunOrder,
  RunRows,
  SavedViews,
  Sparklines,
} from '../api/runs.ts';
import { Curves, Evaluation, Layers, RunDetail, SamplePage } from '../api/schema.ts';
import {
  SweepAnalysis,
  SweepColumns,
  SweepContour,
  SweepDetail,
  SweepImportance,
  SweepList,
} from '../api/sweep.ts';
import { Candidates } from '../api/try.ts';

interface Answer {
  readonly summary: string;
  /** Absent: it is not JSON. */
  readonly answer?: z.ZodType;
  /** Media type of what is not JSON. */
  readonly type?: string;
}

const BYTES = 'application/octet-stream';
const PNG = 'image/png';

/** What each route answers with, for the description of the API. What it takes is read off the route itself. */
export const ANSWERS: Readonly<Record<string, Answer>> = {
  'GET /api/health': { summary: 'Whether the server answers, and whether it takes changes' },
  'GET /api/openapi.json': { summary: 'This description' },
  'GET /api/events': { summary: 'Server-sent events: the runs that changed', type: 'text/event-stream' },
  'GET /api/runs/order': { summary: 'Ids of all runs of a filter, sorted', answer: RunOrder },
  'GET /api/runs/rows': { summary: 'Rows of the run table', answer: RunRows },
  'GET /api/runs/sparklines': { summary: 'Short forms of one curve of many runs', answer: Sparklines },
  'GET /api/runs/complete': { summary: 'What may stand at the cursor of a filter', answer: Completion },
  'GET /api/runs/fields': { summary: 'Metrics and parameters that some run has', answer: FieldNames },
  'GET /api/runs/families': { summary: 'Runs that differ in nothing but seeds', answer: Families },
  'GET /api/runs/table.csv': { summary: 'The runs of a filter as CSV', type: 'text/csv' },
  'PATCH /api/runs/{id}': { summary: 'Changes tags and notes', answer: Done },
  'POST /api/runs/trash': { summary: 'Puts runs into the archive', answer: Done },
  'POST /api/runs/restore': { summary: 'Takes runs out of the archive', answer: Done },
  'GET /api/runs/{id}': { summary: 'One run', answer: RunDetail },
  'GET /api/runs/{id}/curves': { summary: 'Curves of a run, every point', answer: Curves },
  'GET /api/runs/{id}/evaluation': { summary: 'Confusion matrix and report of a split', answer: Evaluation },
  'GET /api/runs/{id}/samples': { summary: 'Images by what the model said of them', answer: SamplePage },
  'GET /api/runs/{id}/layers': { summary: 'Layers of the model', answer: Layers },
  'GET /api/runs/{id}/artifacts/{path}': { summary: 'A file of a run', type: BYTES },
  'GET /api/runs/{id}/quality': { summary: 'Calibration and ranking of a split', answer: Quality },
  'GET /api/runs/{id}/console': { summary: 'What a run printed', answer: ConsolePage },
  'GET /api/runs/{id}/diff': { summary: 'Uncommitted changes at its start', answer: Diff },
  'GET /api/views': { summary: 'Named views of the run table', answer: SavedViews },
  'PUT /api/views': { summary: 'Keeps a view under a name', answer: Done },
  'DELETE /api/views/{name}': { summary: 'Forgets a view', answer: Done },
  'GET /api/compare': { summary: 'Two runs sample by sample, with the verdict', answer: Comparison },
  'GET /api/compare/runs': { summary: 'Many runs side by side', answer: RunSet },
  'GET /api/compare/stacks': {
    summary: 'Images that B fixed, broke, and those both got wrong or right',
    answer: StackSet,
  },
  'GET /api/compare/report': { summary: 'A comparison as Markdown or HTML', type: 'text/markdown' },
  'GET /api/curves': { summary: 'Curves summed up for drawing, with exact extremes', answer: CurveViews },
  'GET /api/curves/keys': { summary: 'Names of the curves of runs', answer: CurveKeys },
  'GET /api/sweeps': { summary: 'All sweeps', answer: SweepList },
  'GET /api/sweeps/{id}': { summary: 'A sweep and its trials', answer: SweepDetail },
  'GET /api/sweeps/{id}/analysis': {
    summary: 'What a sweep says of one objective',
    answer: z.union([SweepAnalysis, SweepColumns]),
  },
  'GET /api/sweeps/{id}/importance': { summary: 'Which parameters matter', answer: SweepImportance },
  'GET /api/sweeps/{id}/contour': { summary: 'An objective over two parameters', answer: SweepContour },
  'POST /api/sweeps/{id}/stop': { summary: 'Asks a sweep to stop' },
  'POST /api/sweeps/{id}/resume': { summary: 'Carries a sweep on, in a process of its own' },
  'GET /api/datasets/{digest}/{split}/sheet.png': { summary: 'Many images in one', type: PNG },
  'GET /api/datasets/{digest}/{split}/{index}': { summary: 'One image', type: PNG },
  'GET /api/models': { summary: 'Registered models', answer: ModelList },
  'GET /api/models/{name}': { summary: 'A model with its versions, gates and history', answer: ModelDetail },
  'POST /api/models/{name}/judge': {
    summary: 'Judges a version by a gate; nothing moves',
    answer: Promoted,
  },
  'POST /api/models/{name}/promote': { summary: 'Moves an alias through a gate', answer: Promoted },
  'POST /api/models/{name}/rollback': { summary: 'Gives an alias back', answer: RolledBack },
  'GET /api/registry/verify': {
    summary: 'Computes all evidence again and checks the chain',
    answer: Verified,
  },
  'GET /api/registry/held': { summary: 'Who held which alias on a day', answer: Held },
  'GET /api/data': { summary: 'Datasets that runs were evaluated on', answer: DatasetList },
  'GET /api/data/{digest}': { summary: 'What all runs together make of a split', answer: DatasetFindings },
  'GET /api/data/{digest}/mean.png': { summary: 'The mean image of each class', type: PNG },
  'GET /api/try/models': { summary: 'Models that can answer in the page', answer: Candidates },
};
