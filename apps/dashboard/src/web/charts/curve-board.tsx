import './curves.css';
import type { ComponentChildren } from 'preact';
import type { CurveAxis, CurveKeys } from '../../api/curves.ts';
import type { RunRow } from '../../api/schema.ts';
import { useAnswer } from '../shell/api.ts';
import { param, setParams } from '../shell/url.ts';
import { Choice } from '../shell/choice.tsx';
import { MetricChart, type MetricChartProps } from './metric-chart.tsx';
import type { Range } from './scene.ts';

const DEFAULT = 'loss,accuracy';
const AXES: readonly CurveAxis[] = ['epoch', 'step', 'time', 'images'];

/** A name without a slash stands for its training and its validation curve. */
const keysOf = (chart: string): readonly string[] =>
  chart.includes('/') ? [chart] : [`train/${chart}`, `val/${chart}`];

function zoomFromAddress(): Range | null {
  const ends = param('zoom', '').split('~').map(Number);
  const [from, to] = ends;
  return ends.length === 2 && Number.isFinite(from) && Number.isFinite(to) && from! < to!
    ? [from!, to!]
    : null;
}

const setZoom = (range: Range | null) =>
  setParams({ zoom: range === null ? null : range.map((end) => Number(end.toPrecision(7))).join('~') });

function AddChart({
  runs,
  charts,
  version,
}: {
  runs: readonly number[];
  charts: readonly string[];
  version: number;
}) {
  const { data } = useAnswer<CurveKeys>(
    `/api/curves/keys?runs=${runs.slice(0, 20).join()}`,
    version === 0 ? 0 : 1,
  );
  const drawn = new Set(charts.flatMap((chart) => [chart, ...keysOf(chart)]));
  const others = (data?.keys ?? []).filter((key) => !drawn.has(key) && !key.startsWith('system/'));
  const pairs = others
    .filter((key) => key.startsWith('train/') && others.includes(key.replace('train/', 'val/')))
    .map((key) => key.slice('train/'.length));
  if (others.length === 0) return null;
  return (
    <select
      aria-label="Add a chart"
      value=""
      onChange={(event) => setParams({ charts: [...charts, event.currentTarget.value].join() })}
    >
      <option value="">add a chart…</option>
      {[...pairs, ...others].map((key) => (
        <option key={key} value={key}>
          {key}
        </option>
      ))}
    </select>
  );
}

function ScaleChoice({ name, label }: { name: string; label: string }) {
  const on = param(name) === 'log';
  return (
    <button
      type="button"
      class="plain"
      aria-pressed={on}
      onClick={() => setParams({ [name]: on ? null : 'log' })}
    >
      {label} {on ? 'log' : 'linear'}
    </button>
  );
}

/** How long an epoch is shows where one has ended, and was validated. */
function usualAxis(runs: readonly Pick<RunRow, 'metrics'>[]): CurveAxis {
  const validated = runs.some(({ metrics }) => 'val/loss' in metrics || 'val/accuracy' in metrics);
  return validated ? 'epoch' : 'step';
}

interface BoardProps {
  readonly runs: readonly Pick<RunRow, 'id' | 'name' | 'metrics'>[];
  readonly version: number;
  readonly derive?: MetricChartProps['derive'];
  /** Further choices. */
  readonly children?: ComponentChildren;
}

interface ToolsProps {
  readonly axis: CurveAxis;
  readonly zoomed: boolean;
  readonly children: ComponentChildren;
}

/** @param axis where the address names none */
function Tools({ axis, zoomed, children }: ToolsProps) {
  return (
    <div class="chart-tools">
      <Choice
        name="x"
        label="Horizontal axis"
        fallback={axis}
        clears={['zoom']}
        options={AXES.map((name) => [name, name] as const)}
      />
      <Choice
        name="smooth"
        label="Smoothing"
        fallback="0.9"
        options={[
          ['0', 'raw'],
          ['0.9', 'smooth'],
          ['0.99', 'smoother'],
        ]}
      />
      <ScaleChoice name="xscale" label="x" />
      <ScaleChoice name="yscale" label="y" />
      {children}
      {zoomed && (
        <button type="button" class="chip" onClick={() => setZoom(null)}>
          zoomed <span aria-hidden="true">×</span>
          <span class="hidden">: show all again</span>
        </button>
      )}
    </div>
  );
}

/** Charts of any metric of one run or many; what they show is in the address. */
export function CurveBoard({ runs, version, derive, children }: BoardProps) {
  const charts = param('charts', DEFAULT)
    .split(',')
    .filter((chart) => chart !== '');
  const usual = usualAxis(runs);
  const axis = AXES.find((of) => of === param('x')) ?? usual;
  const smooth = Math.min(0.9999, Math.max(0, Number(param('smooth', '0.9')) || 0));
  const zoom = zoomFromAddress();
  const shared = {
    runs, version, axis, smooth, zoom, onZoom: setZoom,
    logX: param('xscale') === 'log', logY: param('yscale') === 'log',
    ...(derive !== undefined && { derive }),
  }; // prettier-ignore
  const remove = (chart: string) => setParams({ charts: charts.filter((of) => of !== chart).join() || null });
  return (
    <section aria-labelledby="curves">
      <header>
        <h2 id="curves">Curves</h2>
        <Tools axis={usual} zoomed={zoom !== null}>
          {children}
          <AddChart runs={runs.map(({ id }) => id)} charts={charts} version={version} />
        </Tools>
      </header>
      <div class="curve-grid">
        {charts.map((chart) => (
          <div key={chart}>
            <MetricChart title={chart} keys={keysOf(chart)} {...shared} />
            {!DEFAULT.split(',').includes(chart) && (
              <button type="button" class="plain" onClick={() => remove(chart)}>
                remove<span class="hidden"> the chart of {chart}</span>
              </button>
            )}
          </div>
        ))}
      </div>
    </section>
  );
}
