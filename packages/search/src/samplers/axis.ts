import type { Domain } from '../space-domain.ts';
import type { ParameterValue } from '../trial.ts';

/** A parameter as a model sees it: a number (its logarithm with `log`) in `low .. high`, or the index of a choice. */
export interface Axis {
  readonly domain: Domain;
  /** How many choices; 0 for numbers. */
  readonly choices: number;
  /** Half a step beyond the ends where the parameter has steps, so that every value owns an equal interval. */
  readonly low: number;
  readonly high: number;
  /** Whether the values lie apart. */
  readonly stepped: boolean;
  /** A value of the parameter to the model's number; NaN for what the domain has not (inactive, or from another space). */
  toModel(value: unknown): number;
  /** A model's number (in or out of the range) to the nearest value of the parameter. */
  toValue(x: number): ParameterValue;
  /** The interval of model numbers that `toValue` takes to the value of `x`. */
  cell(x: number): readonly [number, number];
}

export function axisOf(domain: Domain): Axis {
  return domain.spec.kind === 'choice' ? choiceAxis(domain) : numberAxis(domain, domain.spec);
}

function choiceAxis(domain: Domain): Axis {
  return {
    domain,
    choices: domain.count,
    low: 0,
    high: domain.count - 1,
    stepped: true,
    toModel: (value) => {
      const index = domain.indexOf(value);
      return index < 0 ? NaN : index;
    },
    toValue: (x) => domain.at(x),
    cell: (x) => [x, x],
  };
}

function numberAxis(
  domain: Domain,
  spec: {
    readonly kind: 'int' | 'float';
    readonly low: number;
    readonly high: number;
    readonly step?: number | undefined;
    readonly log: boolean;
  },
): Axis {
  const { low, log } = spec;
  const step = domain.count === Infinity ? 0 : (spec.step ?? 0);
  // a step need not divide the range: its last value is the end
  const high = step === 0 ? spec.high : (domain.at(domain.count - 1) as number);
  const to = log ? Math.log : (x: number) => x;
  const back = log ? Math.exp : (x: number) => x;
  const snap = (x: number): number =>
    Math.min(high, Math.max(low, low + Math.round((back(x) - low) / step) * step));
  return {
    domain,
    choices: 0,
    low: to(low - step / 2),
    high: to(high + step / 2),
    stepped: step > 0,
    toModel: (value) => (domain.indexOf(value) < 0 ? NaN : to(value as number)),
    toValue: (x) =>
      step === 0
        ? Math.min(high, Math.max(low, back(x)))
        : domain.at(Math.min(domain.count - 1, Math.max(0, Math.round((back(x) - low) / step)))),
    cell: (x) => {
      const value = snap(x);
      return [to(value - step / 2), to(value + step / 2)];
    },
  };
}
