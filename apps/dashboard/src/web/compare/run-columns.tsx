import { own } from '../../api/own.ts';
import type { ComparedRun, RunSet } from '../../api/compare.ts';
import { difference, metric } from '../shell/format.ts';
import { Choice } from '../shell/choice.tsx';
import { show } from '../run/facts.tsx';
import { RunLink, Status } from '../shell/run-name.tsx';
import { param, setParams } from '../shell/url.ts';

/** Says something of the machine, not of the model. */
const SPEED = 'train/imagesPerSecond';
const METRICS = ['test/accuracy', 'test/macroF1', 'test/loss', 'val/accuracy', 'val/loss', SPEED];
/** Up to this many runs the parameters have a table of their own, with the runs across. */
const FEW = 5;

function tone(name: string, by: number): string {
  if (by === 0) return '';
  return by > 0 === !name.includes('loss') ? 'better' : 'worse';
}

function Difference({ name, run, base }: { name: string; run: ComparedRun; base: ComparedRun }) {
  const [value, from] = [own(run.metrics, name), own(base.metrics, name)];
  if (typeof value !== 'number' || typeof from !== 'number' || name === SPEED) return null;
  const by = value - from;
  return <span class={`by ${tone(name, by)}`}>{difference(name, by)}</span>;
}

function RunRow({ set, at, b, metrics, parameters }: RowProps) {
  const [run, base] = [set.runs[at]!, set.runs[0]!];
  return (
    <tr class={run.id === b ? 'chosen' : ''}>
      <th scope="row">
        <RunLink run={run} />
      </th>
      <td>
        <Status run={run} />
      </td>
      <td>
        {at === 0 ? (
          <span class="muted">A, baseline</span>
        ) : (
          <button
            type="button"
            class="chip"
            aria-label={run.id === b ? `B: ${run.name}` : `take as B: ${run.name}`}
            aria-pressed={run.id === b}
            onClick={() =>
              setParams({ b: at === 1 ? null : String(run.id), cell: null, stack: null, from: null })
            }
          >
            {run.id === b ? 'B' : 'take as B'}
          </button>
        )}
      </td>
      {metrics.map((name) => (
        <td key={name} class="number">
          <b>{metric(name, own(run.metrics, name))}</b>
          {at > 0 ? <Difference name={name} run={run} base={base} /> : name !== SPEED && <span class="by" />}
        </td>
      ))}
      {parameters.map(({ name, values }) => (
        <td key={name}>{show(values[at])}</td>
      ))}
    </tr>
  );
}

interface RowProps {
  readonly set: RunSet;
  readonly at: number;
  readonly b: number | null;
  readonly metrics: readonly string[];
  readonly parameters: RunSet['parameters'];
}

/** The runs with their headline metrics; where there are many, also the parameters that differ. */
export function RunsPart({ set, b }: { set: RunSet; b: number | null }) {
  const metrics = METRICS.filter((name) =>
    set.runs.some((run) => typeof own(run.metrics, name) === 'number'),
  );
  const parameters = set.runs.length > FEW ? set.parameters.filter(({ differs }) => differs) : [];
  return (
    <section aria-label="Headline metrics">
      <div class="scroll many" tabIndex={0}>
        <table class="versus">
          <thead>
            <tr>
              <th scope="col">run</th>
              <th scope="col">status</th>
              <th scope="col">part</th>
              {metrics.map((name) => (
                <th key={name} scope="col" class="number">
                  {name}
                </th>
              ))}
              {parameters.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {set.runs.map((run, at) => (
              <RunRow key={run.id} set={set} at={at} b={b} metrics={metrics} parameters={parameters} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="muted">Differences are to the first run; whether they mean anything is said below.</p>
    </section>
  );
}

/** Only the parameters that differ, unless all are asked for. */
export function ParametersPart({ set }: { set: RunSet }) {
  if (set.runs.length > FEW) return null;
  const only = param('params', 'different') === 'different';
  const shown = only ? set.parameters.filter(({ differs }) => differs) : set.parameters;
  return (
    <section aria-labelledby="parameters">
      <header>
        <h2 id="parameters">Parameters</h2>
        <Choice
          name="params"
          label="Which parameters"
          fallback="different"
          options={[
            ['different', 'only differences'],
            ['all', `all ${set.parameters.length}`],
          ]}
        />
      </header>
      {shown.length === 0 ? (
        <p class="quiet">All {set.parameters.length} parameters are the same.</p>
      ) : (
        <div class="scroll" tabIndex={0}>
          <table class="versus">
            <thead>
              <tr>
                <th scope="col">parameter</th>
                {set.runs.map((run) => (
                  <th key={run.id} scope="col">
                    <RunLink run={run} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map(({ name, differs, values }) => (
                <tr key={name} class={differs ? 'differs' : ''}>
                  <th scope="row">{name}</th>
                  {values.map((value, at) => (
                    <td key={set.runs[at]!.id}>{show(value)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
