import './charts.css';
import './sweep.css';
import { useMemo, useState } from 'preact/hooks';
import { fromColumns } from '../../api/sweep-columns.ts';
import type { SweepAnalysis, SweepColumns, SweepDetail, SweepObjective } from '../../api/sweep.ts';
import { metric } from '../shell/format.ts';
import { Choice } from '../shell/choice.tsx';
import { brushesFor, keepBrushes, keptTrials } from './brush.ts';
import { DistributionChart, HistoryChart, ParetoChart, Slices } from './charts.tsx';
import { ContourPart } from './contour.tsx';
import { markedTrial } from './focus.ts';
import { Headline, Resume, StopButton } from './head.tsx';
import { ImportancePart } from './importance.tsx';
import { useSweepVersion } from './live.ts';
import { MOST_LINES, ParallelChart } from './parallel.tsx';
import { Progress, SweepStatus } from './progress.tsx';
import { settingText, shortNames } from './scale.ts';
import { TimelineChart } from './timeline.tsx';
import { TrialsPart } from './trials.tsx';
import { useAnswer } from '../shell/api.ts';
import { param } from '../shell/url.ts';
import type { PageProps } from '../shell/pages.ts';

/** What the marked trial was, at the foot of the window: all charts share it. */
function MarkedTrial({ detail }: { detail: SweepDetail }) {
  const trial = detail.trials.find(({ number }) => number === markedTrial());
  if (!trial) return null;
  const { objectives } = detail.sweep;
  const names = shortNames(detail.axes.map(({ path }) => path));
  return (
    <p class="marked-trial">
      <b>trial {trial.number}</b>
      {objectives.map(({ metric: name }, index) => (
        <span key={name}>
          {name}{' '}
          <b>{trial.state === 'COMPLETE' ? metric(name, trial.values[index]) : trial.state.toLowerCase()}</b>
        </span>
      ))}
      {Object.entries(trial.parameters).map(([path, value]) => (
        <span key={path} class="muted">
          {names.get(path) ?? path} <b>{settingText(value)}</b>
        </span>
      ))}
    </p>
  );
}

interface ChartsProps {
  readonly id: string;
  readonly detail: SweepDetail;
  readonly analysis: SweepAnalysis;
  readonly objective: SweepObjective;
  readonly index: number;
  readonly version: number;
  readonly kept: ReadonlySet<number> | null;
}

function paretoPair(objectives: readonly SweepObjective[]): readonly [number, number] {
  const [across, up] = param('pareto', '1-0').split('-').map(Number);
  const isThere = (place: number | undefined): place is number =>
    place !== undefined && objectives[place] !== undefined;
  return isThere(across) && isThere(up) ? [across, up] : [1, 0];
}

function Charts({ id, detail, analysis, objective, index, version, kept }: ChartsProps) {
  const { objectives } = detail.sweep;
  const [first, second] = detail.axes;
  const pairs = objectives.flatMap((a, i) =>
    objectives.slice(i + 1).map((b, j) => [`${i + j + 1}-${i}`, `${b.metric}, ${a.metric}`] as const),
  );
  return (
    <>
      <div class="pair">
        <section aria-label="History">
          <h2>Best so far</h2>
          <HistoryChart analysis={analysis} objective={objective} kept={kept} />
        </section>
        <ImportancePart id={id} index={index} version={version} />
      </div>
      <section aria-label="Parallel coordinates">
        <header>
          <h2>All settings</h2>
          <span class="muted small">
            drag along an axis to narrow the trials, here and in the table
            {analysis.parallel.lines.length > MOST_LINES && `; at most ${MOST_LINES} lines are drawn`}
          </span>
          {kept !== null && (
            <button type="button" class="chip" onClick={() => keepBrushes(new Map())}>
              {kept.size} of {analysis.parallel.lines.length} trials ×
            </button>
          )}
        </header>
        <ParallelChart parallel={analysis.parallel} objectives={objectives} index={index} kept={kept} />
      </section>
      <TrialsPart detail={detail} analysis={analysis} kept={kept} />
      <section aria-label="Slices">
        <h2>One setting at a time</h2>
        <Slices analysis={analysis} objective={objective} kept={kept} />
      </section>
      <div class="pair">
        {first && second && (
          <ContourPart
            id={id}
            axes={detail.axes}
            objective={objective}
            index={index}
            version={version}
            kept={kept}
            first={[first.path, second.path]}
          />
        )}
        {objectives.length > 1 && (
          <section aria-label="Pareto front">
            <header>
              <h2>Pareto front</h2>
              {pairs.length > 1 && <Choice name="pareto" label="Objectives" fallback="1-0" options={pairs} />}
            </header>
            <ParetoChart
              analysis={analysis}
              objectives={objectives}
              pair={paretoPair(objectives)}
              kept={kept}
            />
          </section>
        )}
        <section aria-label="Distribution">
          <h2>Distribution</h2>
          <DistributionChart analysis={analysis} objective={objective} />
        </section>
        <section aria-label="Timeline">
          <h2>Timeline</h2>
          <TimelineChart timeline={analysis.timeline} now={Date.now()} />
        </section>
      </div>
    </>
  );
}

function objectiveIndex({ sweep }: SweepDetail): number {
  const asked = Number(param('objective', '0'));
  return Number.isInteger(asked) && sweep.objectives[asked] ? asked : 0;
}

function Body({ id, detail, version }: { id: string; detail: SweepDetail; version: number }) {
  const index = objectiveIndex(detail);
  const { data: columns, problem } = useAnswer<SweepColumns>(
    `/api/sweeps/${id}/analysis?objective=${index}&form=columns`,
    version,
  );
  const analysis = useMemo(() => columns && fromColumns(columns, detail.trials), [columns, detail]);
  if (problem) return <p class="notice">{problem.message}</p>;
  if (analysis === undefined) return <p class="quiet">Reading the trials…</p>;
  const kept = keptTrials(analysis.parallel, brushesFor(analysis.parallel.lines.length));
  if (analysis.history.length === 0) {
    return (
      <>
        <p class="quiet">No trial has completed yet: the charts come with the first one.</p>
        <TrialsPart detail={detail} analysis={analysis} kept={null} />
      </>
    );
  }
  const objective = detail.sweep.objectives[index]!;
  return (
    <Charts
      id={id}
      detail={detail}
      analysis={analysis}
      objective={objective}
      index={index}
      version={version}
      kept={kept}
    />
  );
}

/** One sweep: how it goes, what it found and why. */
export function SweepPage({ id = '' }: PageProps) {
  const [isLive, setLive] = useState(false);
  const [trials, setTrials] = useState(0);
  const version = useSweepVersion(isLive, trials);
  const { data: detail, problem } = useAnswer<SweepDetail>(`/api/sweeps/${id}`, version);
  if (problem) return <p class="notice">{problem.message}</p>;
  if (detail === undefined) return <p class="quiet">Reading the sweep…</p>;
  const { sweep } = detail;
  const isRunning = sweep.status === 'RUNNING' && sweep.isLed;
  if (isRunning !== isLive) setLive(isRunning);
  if (detail.trials.length !== trials) setTrials(detail.trials.length);
  return (
    <>
      <header class="title">
        <h1>{sweep.name}</h1>
        <SweepStatus sweep={sweep} />
        <span class="muted">
          {sweep.project} · {sweep.sampler ?? 'unknown sampler'}
          {sweep.pruner !== null && sweep.pruner !== 'none' && ` · ${sweep.pruner}`}
        </span>
        {isRunning && detail.canStop && <StopButton id={sweep.id} />}
      </header>
      <Progress sweep={sweep} />
      <Headline detail={detail} />
      {!isRunning && sweep.status !== 'FINISHED' && <Resume detail={detail} />}
      {sweep.objectives.length > 1 && (
        <p class="objective-choice">
          <Choice
            name="objective"
            label="Objective"
            fallback="0"
            options={sweep.objectives.map(({ metric: name }, i) => [String(i), name] as const)}
          />
        </p>
      )}
      <Body id={id} detail={detail} version={version} />
      <MarkedTrial detail={detail} />
    </>
  );
}
