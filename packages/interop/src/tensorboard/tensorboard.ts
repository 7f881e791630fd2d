import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileName, type Curve, type CurvePoint, type Run, type Tracker } from '@atelier/tracker';
import type { ExportCounts, ExportJob } from '../export-job.ts';
import { drawMatrix, matrixOf } from '../matrix-picture.ts';
import { OutputFile } from '../output-file.ts';
import { slices, type Pace } from '../pace.ts';
import { curvesOf, ledgersOf, summaryOf } from '../run-reading.ts';
import {
  hparamsEvent,
  imageEvent,
  scalarEvent,
  textEvent,
  tfRecord,
  versionEvent,
  type When,
} from './events.ts';
import { SESSION_END_TAG, SESSION_START_TAG, sessionEnd, sessionStart } from './hparams.ts';

/** The HParams page holds steps in 32 bits. */
const LARGEST_STEP = 2 ** 31 - 1;

/**
 * TensorBoard's loader takes a step that is no larger than the one before for a restart of the run and forgets what
 * came after it; the points are all in the file, in the order of their steps.
 */
function byStep(points: readonly CurvePoint[]): { sorted: readonly CurvePoint[]; repeated: number } {
  let backwards = false;
  for (let at = 1; at < points.length; at++) backwards ||= points[at]!.step < points[at - 1]!.step;
  const sorted = backwards ? points.toSorted((a, b) => a.step - b.step) : points;
  let repeated = 0;
  for (let at = 1; at < sorted.length; at++) if (sorted[at]!.step === sorted[at - 1]!.step) repeated++;
  return { sorted, repeated };
}

class RunEvents {
  /** Points whose step is that of the point before. */
  repeated = 0;
  /** Values that need more than 32 bits. */
  rounded = 0;
  readonly lasts = new Map<string, number>();
  lastStep = 0;
  private readonly file: OutputFile;

  constructor(file: OutputFile) {
    this.file = file;
  }

  write(event: Buffer): void {
    this.file.bytes(tfRecord(event));
  }

  async writeCurve({ key, points }: Curve, pace: Pace): Promise<void> {
    const { sorted, repeated } = byStep(points);
    this.repeated += repeated;
    for (const slice of slices(sorted)) {
      for (const point of slice) this.writeScalar(point, key, point.value);
      await pace.add(slice.length);
    }
    this.lasts.set(key, points.at(-1)!.value);
    this.lastStep = Math.max(this.lastStep, sorted.at(-1)!.step);
  }

  /** A number that is not the end of its curve gets a name of its own. */
  writeSummary(run: Run, when: When): void {
    for (const [key, value] of Object.entries(summaryOf(run, this.lasts))) {
      this.writeScalar(when, this.lasts.has(key) ? `summary/${key}` : key, value);
    }
  }

  private writeScalar(when: When, tag: string, value: number): void {
    if (Math.fround(value) !== value && !Number.isNaN(value)) this.rounded++;
    this.write(scalarEvent(when, tag, value));
  }
}

function writeTexts(events: RunEvents, run: Run, when: When): void {
  if (run.notes !== undefined) events.write(textEvent(when, 'notes', run.notes));
  const { config, environment, tags, status, error } = run;
  const record = JSON.stringify({ status, error, tags, config, environment }, null, 2);
  events.write(textEvent(when, 'record', `\`\`\`json\n${record}\n\`\`\``));
}

function writeMatrices(events: RunEvents, tracker: Tracker, run: Run, when: When): void {
  for (const ledger of ledgersOf(tracker, run)) {
    const matrix = matrixOf(tracker, ledger);
    if (matrix === undefined) continue;
    const tag = `confusion/${ledger.split}/${ledger.checkpoint}`;
    events.write(imageEvent(when, tag, drawMatrix(matrix)));
  }
}

async function writeRun(job: ExportJob, run: Run, folder: string): Promise<RunEvents> {
  mkdirSync(folder, { recursive: true });
  const seconds = String(Math.floor(run.startedAt / 1000)).padStart(10, '0');
  using file = new OutputFile(join(folder, `events.out.tfevents.${seconds}.atelier.${run.id}.0`));
  const events = new RunEvents(file);
  events.write(versionEvent(run.startedAt));
  const begun: When = { step: 0, wallTime: run.startedAt };
  events.write(hparamsEvent(begun, SESSION_START_TAG, sessionStart(run)));
  for (const curve of curvesOf(job.tracker, run)) await events.writeCurve(curve, job.pace);
  const ended: When = { step: events.lastStep, wallTime: run.endedAt ?? run.startedAt };
  events.writeSummary(run, ended);
  writeTexts(events, run, ended);
  writeMatrices(events, job.tracker, run, ended);
  events.write(hparamsEvent(ended, SESSION_END_TAG, sessionEnd(run)));
  file.end();
  return events;
}

/** `<project>/<id>-<name>/events.out.tfevents.*`: curves, settings (HParams), notes, record, confusion matrices. */
export async function exportTensorboard(job: ExportJob, folder: string): Promise<ExportCounts> {
  let [repeated, rounded, large] = [0, 0, 0];
  for (const id of job.ids) {
    const run = job.tracker.getRun(id);
    await job.pace.run(run.name);
    const name = `${run.id}-${fileName(run.name)}`;
    const events = await writeRun(job, run, join(folder, fileName(run.project), name));
    repeated += events.repeated;
    rounded += events.rounded;
    if (events.lastStep > LARGEST_STEP) large++;
  }
  const notes = [
    `${rounded} values are rounded to the 32 bits of a TensorBoard scalar; parquet keeps all 64`,
    `${large} runs have steps beyond ${LARGEST_STEP}: TensorBoard's HParams page cannot show them`,
    `${repeated} points share their step with another of their curve: TensorBoard draws the later one`,
  ];
  return { points: job.pace.points, notes: notes.filter((note) => !note.startsWith('0 ')) };
}
