import '../styles/curves.css';
import { useMemo } from 'preact/hooks';
import type { CurveViews } from '../../api/curves.ts';
import { runColour } from '../colour.ts';
import { minusBaseline, withBands } from '../plot/families.ts';
import { AXES, linesOf, stepsWithin, type Axis } from '../plot/lines.ts';
import { Plot, type Zoom } from '../plot/plot.tsx';
import { useAnswer } from '../state/api.ts';
import { param, setParams } from '../state/url.ts';
import { Choice } from './choice.tsx';

export interface PlottedRun {
  readonly id: number;
  readonly name: string;
  readonly family?: string | null;
}

interface Panel {
  readonly title: string;
  readonly keys: readonly string[];
}

/** What a chart asks for first, and when it is zoomed: both are a few times as many points as pixels. */
const PIXELS = 500;

/** Curves of the process, whose steps are seconds. */
const SYSTEM = 'system/';

const DEFAULT_PANELS: readonly Panel[] = [
  { title: 'Loss', keys: ['train/loss', 'val/loss'] },
  { title: 'Accuracy', keys: ['train/accuracy', 'val/accuracy'] },
];

function zoomFromAddress(): Zoom {
  const match = /^(-?[\d.e+-]+)~(-?[\d.e+-]+)$/.exec(param('zoom', ''));
  const [low, high] = [Number(match?.[1]), Number(match?.[2])];
  return match !== null && low < high ? [low, high] : null;
}

function setZoom(zoom: Zoom): void {
  setParams({ zoom: zoom === null ? null : zoom.map((end) => String(Number(end.toPrecision(7)))).join('~') });
}

function axisFromAddress(): Axis {
  const asked = param('x', 'epoch');
  return AXES.find((axis) => axis === asked) ?? 'epoch';
}

interface PanelProps {
  readonly panel: Panel;
  readonly runs: readonly PlottedRun[];
  readonly version: number;
  /** Fixed, whatever the address says. */
  readonly axis?: Axis;
}

/** The whole curves, and for a zoom its part of them, finer. */
function usePanel(
  keys: string,
  ids: string,
  version: number,
  axis: Axis,
  zoom: Zoom,
): CurveViews | undefined {
  const smooth = param('smooth', '0.9');
  const query = (extra: string) =>
    `/api/curves?runs=${ids}&keys=${encodeURIComponent(keys)}&pixels=${PIXELS}${extra}`;
  // raw first: smoothing reads every point of a curve
  const raw = useAnswer<CurveViews>(query(''), version).data;
  const smoothed = useAnswer<CurveViews>(
    smooth === '0' ? null : `${query('')}&smooth=${smooth}`,
    version,
  ).data;
  const steps = zoom === null || raw === undefined ? null : stepsWithin(raw, axis, ...zoom);
  const range = steps === null || !steps.every(Number.isFinite) ? null : `&from=${steps[0]}&to=${steps[1]}`;
  const fine = useAnswer<CurveViews>(
    range === null ? null : `${query(range)}&smooth=${smooth}`,
    version,
  ).data;
  if (range !== null && fine !== undefined) return fine;
  return smooth === '0' ? raw : (smoothed ?? raw);
}

function PanelPlot({ panel, runs, version, axis: fixed }: PanelProps) {
  const axis = fixed ?? axisFromAddress();
  const zoom = fixed === undefined ? zoomFromAddress() : null;
  const views = usePanel(panel.keys.join(), runs.map(({ id }) => id).join(), version, axis, zoom);
  const bands = param('bands', '0') === '1';
  const minus = param('curve', 'value') === 'difference' && runs.length > 1;
  const lines = useMemo(() => {
    if (views === undefined) return undefined;
    const families = new Map(runs.map(({ id, family }) => [id, family ?? null]));
    const raw = linesOf(views, { axis, runs, colourOf: runColour });
    const differing = minus ? minusBaseline(raw, runs[0]!.id) : raw;
    return bands ? withBands(differing, (run) => families.get(run) ?? null) : differing;
  }, [views, axis, bands, minus, runs]);
  if (lines === undefined) return <p class="quiet">Reading the curves…</p>;
  if (lines.length === 0) {
    return (
      <figure class="chart">
        <figcaption>
          <h3>{panel.title}</h3>
        </figcaption>
        <p class="quiet">
          No point of {panel.keys.join(' or ')} was recorded{runs.length > 1 && ' by these runs'}.
        </p>
      </figure>
    );
  }
  return (
    <Plot
      title={minus ? `${panel.title}, minus the baseline` : panel.title}
      name={panel.keys[0]!}
      lines={lines}
      axis={axis}
      logX={param('logx', '0') === '1'}
      logY={param('logy', '0') === '1' && !minus}
      zoom={zoom}
      onZoom={setZoom}
    />
  );
}

function Toggle({ name, children }: { name: string; children: string }) {
  const on = param(name, '0') === '1';
  return (
    <button
      type="button"
      class="toggle"
      aria-pressed={on}
      onClick={() => setParams({ [name]: on ? null : '1' })}
    >
      {children}
    </button>
  );
}

function MetricChoice({ metrics, chosen }: { metrics: readonly string[]; chosen: readonly string[] }) {
  const shown = new Set(DEFAULT_PANELS.flatMap(({ keys }) => keys));
  const left = metrics.filter(
    (name) => !shown.has(name) && !name.startsWith(SYSTEM) && !chosen.includes(name),
  );
  return (
    <>
      {left.length > 0 && (
        <label class="select">
          <span class="hidden">Add a metric</span>
          <select
            value=""
            onChange={(event) => setParams({ metrics: [...chosen, event.currentTarget.value].join() })}
          >
            <option value="">add a metric…</option>
            {left.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      {chosen.map((name) => (
        <button
          key={name}
          type="button"
          class="chip"
          onClick={() => setParams({ metrics: chosen.filter((other) => other !== name).join() || null })}
        >
          {name} <span aria-hidden="true">×</span>
          <span class="hidden">: take out</span>
        </button>
      ))}
    </>
  );
}

function Tools({ runs }: { runs: readonly PlottedRun[] }) {
  const families = runs.map(({ family }) => family).filter((family) => family != null);
  return (
    <>
      <Choice
        name="x"
        label="Horizontal axis"
        fallback="epoch"
        clears={['zoom']}
        options={AXES.map((axis) => [axis, axis] as const)}
      />
      <Choice
        name="smooth"
        label="Smoothing"
        fallback="0.9"
        options={[
          ['0', 'raw'],
          ['0.9', 'smooth'],
          ['0.98', 'smoother'],
          ['0.999', 'smoothest'],
        ]}
      />
      <Toggle name="logx">log x</Toggle>
      <Toggle name="logy">log y</Toggle>
      {runs.length > 1 && (
        <Toggle name="bands">
          {new Set(families).size < families.length
            ? 'seed bands'
            : 'seed bands (no two runs share a family)'}
        </Toggle>
      )}
      {runs.length > 1 && (
        <Choice
          name="curve"
          label="What the lines say"
          fallback="value"
          options={[
            ['value', 'values'],
            ['difference', 'minus baseline'],
          ]}
        />
      )}
      {zoomFromAddress() !== null && (
        <button type="button" class="chip" onClick={() => setZoom(null)}>
          show all
        </button>
      )}
    </>
  );
}

/** CPU, memory and event loop of the run's process, over time. */
export function SystemPanels({
  run,
  metrics,
  version,
}: { run: PlottedRun } & Omit<CurvePanelsProps, 'runs'>) {
  const names = metrics.filter((name) => name.startsWith(SYSTEM)).sort();
  const runs = useMemo(() => [run], [run.id, run.name]);
  if (names.length === 0) return null;
  return (
    <section aria-labelledby="system">
      <header>
        <h2 id="system">System</h2>
      </header>
      <div class="system">
        {names.map((name) => (
          <PanelPlot
            key={name}
            panel={{ title: name.slice(SYSTEM.length), keys: [name] }}
            runs={runs}
            version={version}
            axis="time"
          />
        ))}
      </div>
    </section>
  );
}

interface CurvePanelsProps {
  readonly runs: readonly PlottedRun[];
  /** Names of all metrics; those that are no curves are offered nevertheless and say that they have none. */
  readonly metrics: readonly string[];
  readonly version: number;
}

/** Loss and accuracy of training and validation, and any other metric, of one run or many. */
export function CurvePanels({ runs, metrics, version }: CurvePanelsProps) {
  const chosen = param('metrics', '')
    .split(',')
    .filter((name) => name !== '');
  const stable = useMemo(() => runs, [runs.map(({ id, name, family }) => `${id}${name}${family}`).join()]);
  const panels = [...DEFAULT_PANELS, ...chosen.map((name): Panel => ({ title: name, keys: [name] }))];
  return (
    <section aria-labelledby="curves">
      <header class="curve-tools">
        <h2 id="curves">Curves</h2>
        <Tools runs={runs} />
        <MetricChoice metrics={metrics} chosen={chosen} />
      </header>
      <div class="pair">
        {panels.map((panel) => (
          <PanelPlot key={panel.title} panel={panel} runs={stable} version={version} />
        ))}
      </div>
    </section>
  );
}
