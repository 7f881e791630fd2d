import type { Comparison } from '../../api/compare.ts';
import { param, setParams } from '../shell/url.ts';

interface Ribbon {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly kind: 'better' | 'worse' | 'other';
}

const WIDTH = 560;
const SIDE = 118;
const GAP = 8;
const LEAST = 1.5;

/** Answers that changed between A and B, of one true class or of all. */
function changes(flow: Comparison['flow'], label: number | null): Ribbon[] {
  const labels = label === null ? [...flow.keys()] : [label];
  const sums = new Map<string, Ribbon>();
  for (const truth of labels) {
    flow[truth]?.forEach((row, from) =>
      row.forEach((count, to) => {
        if (count === 0 || from === to) return;
        const kind = to === truth ? 'better' : from === truth ? 'worse' : 'other';
        const key = `${from}/${to}/${kind}`;
        sums.set(key, { from, to, kind, count: count + (sums.get(key)?.count ?? 0) });
      }),
    );
  }
  return [...sums.values()].sort((x, y) => x.from - y.from || x.to - y.to || x.kind.localeCompare(y.kind));
}

/** Where each class begins on one side, and how much of it is used up. */
function stackSide(ribbons: readonly Ribbon[], side: 'from' | 'to', classes: number, unit: number) {
  const sizes = Array.from({ length: classes }, (_, at) =>
    ribbons
      .filter((one) => one[side] === at)
      .reduce((sum, { count }) => sum + Math.max(LEAST, count * unit), 0),
  );
  let top = 0;
  const starts = sizes.map((size) => {
    const start = top;
    if (size > 0) top += Math.max(size, 12) + GAP;
    return start;
  });
  return { sizes, starts, used: sizes.map(() => 0), height: top };
}

function path(y0: number, y1: number, size: number): string {
  const [x0, x1, middle] = [SIDE + 6, WIDTH - SIDE - 6, WIDTH / 2];
  return (
    `M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}` +
    `V${y1 + size}C${middle} ${y1 + size} ${middle} ${y0 + size} ${x0} ${y0 + size}Z`
  );
}

function Diagram({ ribbons, names }: { ribbons: readonly Ribbon[]; names: readonly string[] }) {
  const total = ribbons.reduce((sum, { count }) => sum + count, 0);
  const unit = 260 / total;
  const left = stackSide(ribbons, 'from', names.length, unit);
  const right = stackSide(ribbons, 'to', names.length, unit);
  const shapes = ribbons.map((ribbon) => {
    const size = Math.max(LEAST, ribbon.count * unit);
    const y0 = left.starts[ribbon.from]! + left.used[ribbon.from]!;
    const y1 = right.starts[ribbon.to]! + right.used[ribbon.to]!;
    left.used[ribbon.from]! += size;
    right.used[ribbon.to]! += size;
    return { ribbon, d: path(y0, y1, size) };
  });
  const label = (side: typeof left, x: number, anchor: 'end' | 'start') =>
    names.map((name, at) =>
      side.sizes[at] === 0 ? null : (
        <text
          key={name}
          x={x}
          y={side.starts[at]! + Math.max(side.sizes[at]!, 12) / 2}
          text-anchor={anchor}
          dy="0.35em"
        >
          {name}
        </text>
      ),
    );
  return (
    <svg class="flow" viewBox={`0 -4 ${WIDTH} ${Math.max(left.height, right.height) + 4}`} aria-hidden="true">
      {shapes.map(({ ribbon, d }) => (
        <path key={`${ribbon.from}/${ribbon.to}/${ribbon.kind}`} class={ribbon.kind} d={d}>
          <title>{`${ribbon.count} from ${names[ribbon.from]} to ${names[ribbon.to]}`}</title>
        </path>
      ))}
      {label(left, SIDE, 'end')}
      {label(right, WIDTH - SIDE, 'start')}
    </svg>
  );
}

/** The same in words, largest first, for those who listen or copy. */
function FlowTable({ ribbons, names }: { ribbons: readonly Ribbon[]; names: readonly string[] }) {
  const words = { better: 'now right', worse: 'now wrong', other: 'wrong before and after' };
  return (
    <details>
      <summary>All {ribbons.length} changes</summary>
      <div class="scroll" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th>answer of A</th>
              <th>answer of B</th>
              <th class="number">images</th>
              <th>that is</th>
            </tr>
          </thead>
          <tbody>
            {ribbons
              .toSorted((x, y) => y.count - x.count)
              .map(({ from, to, kind, count }) => (
                <tr key={`${from}/${to}/${kind}`}>
                  <td>{names[from]}</td>
                  <td>{names[to]}</td>
                  <td class="number">{count}</td>
                  <td>{words[kind]}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** Where the answers went from A to B. */
export function FlowPart({ comparison: { flow, dataset } }: { comparison: Comparison }) {
  const asked = Number(param('flow', '-1'));
  const label = Number.isInteger(asked) && asked >= 0 && asked < flow.length ? asked : null;
  const ribbons = changes(flow, label);
  const changed = ribbons.reduce((sum, { count }) => sum + count, 0);
  return (
    <section aria-labelledby="flow">
      <header>
        <h2 id="flow">From A’s answers to B’s</h2>
        <label class="select">
          <span class="hidden">True class</span>
          <select
            value={String(label ?? -1)}
            onChange={(event) =>
              setParams({ flow: event.currentTarget.value === '-1' ? null : event.currentTarget.value })
            }
          >
            <option value="-1">all classes</option>
            {dataset.classNames.map((name, at) => (
              <option key={name} value={String(at)}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <span class="muted">{changed.toLocaleString('en')} answers changed</span>
      </header>
      {ribbons.length === 0 ? (
        <p class="quiet">Both gave the same answer to every image.</p>
      ) : (
        <>
          <p class="key">
            <i class="better" /> now right <i class="worse" /> now wrong <i class="other" /> wrong either way
          </p>
          <Diagram ribbons={ribbons} names={dataset.classNames} />
          <FlowTable ribbons={ribbons} names={dataset.classNames} />
        </>
      )}
    </section>
  );
}
