import { TRIAL_STATES } from '@atelier/base';
import type { SweepAnalysis, SweepColumns, SweepTrialRow } from './sweep.ts';

/** Digits that are drawn: a millionth of a parameter, a ten-thousandth of an axis. */
const drawn = (x: number): number => Number(x.toPrecision(6));
const place = (x: number | null): number | null => (x === null ? null : Math.round(x * 1e4) / 1e4);

/** Where the best value changes: so many places as there were improvements. */
function improvements(history: SweepAnalysis['history']): SweepColumns['history']['best'] {
  const at = history.flatMap(({ best }, index) =>
    index > 0 && history[index - 1]!.best === best ? [] : [index],
  );
  return { at, value: at.map((index) => history[index]!.best) };
}

function sliceColumns({ history, slices }: SweepAnalysis): SweepColumns['slices'] {
  return slices.map(({ axis, points }) => {
    const xs = new Map(points.map(({ number, x }) => [number, drawn(x)]));
    return { axis, x: history.map(({ number }) => xs.get(number) ?? null) };
  });
}

function timelineColumns(bars: SweepAnalysis['timeline']): SweepColumns['timeline'] {
  const from = bars[0]?.startedAt ?? 0;
  return {
    from,
    number: bars.map(({ number }) => number),
    state: bars.map(({ state }) => TRIAL_STATES.indexOf(state)),
    started: bars.map(({ startedAt }) => startedAt - from),
    lasted: bars.map(({ startedAt, endedAt }) => (endedAt === null ? null : endedAt - startedAt)),
    lane: bars.map(({ lane }) => lane),
  };
}

/** An analysis as columns: each number once, and of what is only drawn no more digits than a screen shows. */
export function toColumns(analysis: SweepAnalysis): SweepColumns {
  const { history, pareto, parallel, configurations } = analysis;
  return {
    history: {
      number: history.map(({ number }) => number),
      value: history.map(({ value }) => value),
      best: improvements(history),
    },
    pareto: {
      number: pareto.points.map(({ number }) => number),
      values: parallel.objectives.map((_, of) => pareto.points.map(({ values }) => values[of]!)),
      rank: pareto.points.map(({ rank }) => rank),
      front: pareto.front,
    },
    parallel: {
      axes: parallel.axes,
      objectives: parallel.objectives,
      number: parallel.lines.map(({ number }) => number),
      places: parallel.axes.map((_, axis) => parallel.lines.map(({ places }) => place(places[axis] ?? null))),
    },
    slices: sliceColumns(analysis),
    timeline: timelineColumns(analysis.timeline),
    configurations: {
      numbers: configurations.map(({ numbers }) => numbers),
      // of a single trial the spread is its values
      spreads: configurations.filter(({ numbers }) => numbers.length > 1).map(({ values }) => values),
    },
  };
}

function historyOf({ history }: SweepColumns): SweepAnalysis['history'] {
  let next = 0;
  return history.number.map((number, index) => {
    if (history.best.at[next] === index) next++;
    return { number, value: history.value[index]!, best: history.best.value[next - 1]! };
  });
}

function distributionOf({ history }: SweepColumns): SweepAnalysis['distribution'] {
  const values = Float64Array.from(history.value).sort();
  return [...values].flatMap((value, at) =>
    values[at + 1] === value ? [] : [{ value, share: (at + 1) / values.length }],
  );
}

function linesOf({ parallel }: SweepColumns, valuesOf: ReadonlyMap<number, number[]>) {
  return parallel.number.map((number, at) => ({
    number,
    state: 'COMPLETE' as const,
    places: parallel.places.map((axis) => axis[at]!),
    values: parallel.objectives.map(({ low, high }, of) =>
      high === low ? 0.5 : (valuesOf.get(number)![of]! - low) / (high - low),
    ),
  }));
}

function configurationsOf(
  { configurations: { numbers, spreads } }: SweepColumns,
  valuesOf: ReadonlyMap<number, number[]>,
  trials: readonly Pick<SweepTrialRow, 'number' | 'parameters'>[],
): SweepAnalysis['configurations'] {
  const parameters = new Map(trials.map((trial) => [trial.number, trial.parameters]));
  let next = 0;
  return numbers.map((of) => ({
    parameters: parameters.get(of[0]!) ?? {},
    numbers: of,
    values:
      of.length > 1
        ? spreads[next++]!
        : valuesOf.get(of[0]!)!.map((mean) => ({ mean, deviation: null, low: null, high: null })),
  }));
}

/**
 * The analysis that was sent as columns.
 * @param trials of the same sweep: parameters are sent with them, not here.
 */
export function fromColumns(
  columns: SweepColumns,
  trials: readonly Pick<SweepTrialRow, 'number' | 'parameters'>[],
): SweepAnalysis {
  const { pareto, parallel, timeline } = columns;
  const history = historyOf(columns);
  const points = pareto.number.map((number, at) => ({
    number,
    values: pareto.values.map((of) => of[at]!),
    rank: pareto.rank[at]!,
  }));
  const valuesOf = new Map(points.map(({ number, values }) => [number, values]));
  return {
    history,
    distribution: distributionOf(columns),
    pareto: { points, front: pareto.front },
    parallel: { axes: parallel.axes, objectives: parallel.objectives, lines: linesOf(columns, valuesOf) },
    slices: columns.slices.map(({ axis, x }) => ({
      axis,
      points: history.flatMap(({ number, value }, at) =>
        x[at] === null ? [] : [{ number, x: x[at]!, value }],
      ),
    })),
    timeline: timeline.number.map((number, at) => {
      const startedAt = timeline.from + timeline.started[at]!;
      const lasted = timeline.lasted[at]!;
      return {
        number,
        state: TRIAL_STATES[timeline.state[at]!]!,
        startedAt,
        endedAt: lasted === null ? null : startedAt + lasted,
        lane: timeline.lane[at]!,
      };
    }),
    configurations: configurationsOf(columns, valuesOf, trials),
  };
}
