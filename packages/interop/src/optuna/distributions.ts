import { z } from 'zod';

type Json = z.core.util.JSONType;

const Choice = z.object({ kind: z.literal('choice'), values: z.array(z.json()) });
const Range = z.object({
  kind: z.enum(['int', 'float']),
  low: z.number(),
  high: z.number(),
  step: z.number().nullish(),
  log: z.boolean().default(false),
});
type Range = z.output<typeof Range>;

/** What an export needs to know of a parameter of a sweep's plan. */
export const OptunaParameter = z.discriminatedUnion('kind', [Choice, Range]);
export type OptunaParameter = z.output<typeof OptunaParameter>;

/** A parameter as Optuna stores it: one distribution for a whole study, values as numbers in it. */
export interface Distribution {
  readonly json: string;
  /** What Optuna keeps for a value: the number, or the position among the choices. */
  internal(value: Json): number;
  /** What Optuna shows for a value: lists and objects become their JSON text. */
  external(value: Json): Json;
}

/** Optuna's choices are null, booleans, numbers and strings. */
function external(value: Json): Json {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}

function choices(values: readonly Json[]): Distribution {
  const distinct = [...new Map(values.map((value) => [JSON.stringify(value), external(value)]))];
  const places = new Map(distinct.map(([key], place) => [key, place]));
  return {
    json: JSON.stringify({
      name: 'CategoricalDistribution',
      attributes: { choices: distinct.map(([, value]) => value) },
    }),
    internal: (value) => places.get(JSON.stringify(value))!,
    external,
  };
}

/** Whether all values are whole steps from `low`; rounding of the division aside. */
function onSteps(values: readonly number[], low: number, step: number): boolean {
  return values.every((value) => Math.abs((value - low) / step - Math.round((value - low) / step)) < 1e-8);
}

function range(spec: Range, seen: readonly number[]): Distribution {
  const all = [spec.low, spec.high, ...seen];
  const [low, high] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  const int = spec.kind === 'int';
  const stride = spec.step != null && onSteps(seen, low, spec.step) ? spec.step : undefined;
  // Optuna itself lowers a bound that no step meets; it must not be read with one
  const last = stride === undefined ? high : low + Math.floor((high - low) / stride + 1e-9) * stride;
  const step = stride !== undefined && !spec.log ? stride : int ? 1 : null;
  const name = int ? 'IntDistribution' : 'FloatDistribution';
  const log = spec.log && low > 0;
  return {
    json: JSON.stringify({ name, attributes: { log, step, low, high: last } }),
    internal: Number,
    external,
  };
}

/**
 * The distribution that holds all values a parameter had in a sweep: as planned, widened where the plan was changed and
 * earlier trials lie outside.
 * @param spec absent: the plan does not know the parameter (any more); it becomes a choice among the values seen.
 */
export function distributionOf(spec: OptunaParameter | undefined, seen: readonly Json[]): Distribution {
  if (spec === undefined) return choices(seen);
  if (spec.kind === 'choice') return choices([...spec.values, ...seen]);
  const numbers = seen.filter((value) => typeof value === 'number');
  const whole = spec.kind === 'float' || numbers.every((value) => Number.isInteger(value));
  if (numbers.length < seen.length || !whole) return choices(seen);
  return range(spec, numbers);
}
