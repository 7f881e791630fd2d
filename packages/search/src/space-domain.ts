import { canonicalJson } from '@atelier/base';
import type { ParameterSpec } from './space.ts';
import type { ParameterValue } from './trial.ts';

/** The values of one parameter, whatever its kind, as the samplers see them. */
export interface Domain {
  readonly path: string;
  readonly spec: ParameterSpec;
  /** How many values there are; Infinity for a float without step. */
  readonly count: number;
  /** Value `index` of `0 .. count - 1`, in order. */
  at(index: number): ParameterValue;
  /** Position of a value (by canonical form for a choice); -1 where the domain has it not. NaN-free; 0 for an endless domain's members. */
  indexOf(value: unknown): number;
  /** The value at `u` in [0, 1): uniform `u` gives uniform values (uniform in the logarithm with `log`). */
  fromUnit(u: number): ParameterValue;
}

// a float step such as 0.1 has no exact binary form: this much of a step is rounding
const SLACK = 1e-9;

/** Whole steps that fit in `low .. high`. */
function steps(low: number, high: number, step: number): number {
  return Math.floor((high - low) / step + SLACK);
}

/** The float `low + index * step` without the noise of binary fractions: 0.1 * 3 is 0.3. */
function stepped(low: number, index: number, step: number): number {
  return Number((low + index * step).toPrecision(14));
}

export function domain(path: string, spec: ParameterSpec): Domain {
  if (spec.kind === 'choice') return choiceDomain(path, spec);
  if (spec.kind === 'int') return intDomain(path, spec);
  return spec.step === undefined ? rangeDomain(path, spec) : steppedDomain(path, spec, spec.step);
}

function choiceDomain(path: string, spec: ParameterSpec & { kind: 'choice' }): Domain {
  // equal values are one value
  const byText = new Map<string, ParameterValue>();
  for (const value of spec.values) {
    const text = canonicalJson(value);
    if (!byText.has(text)) byText.set(text, value);
  }
  const values = [...byText.values()];
  const index = new Map([...byText.keys()].map((text, i) => [text, i]));
  return {
    path,
    spec,
    count: values.length,
    at: (i) => values[i]!,
    indexOf: (value) => (value === undefined ? -1 : (index.get(canonicalJson(value)) ?? -1)),
    fromUnit: (u) => values[Math.floor(u * values.length)]!,
  };
}

function intDomain(path: string, spec: ParameterSpec & { kind: 'int' }): Domain {
  const { low, high, step, log } = spec;
  const count = steps(low, high, step) + 1;
  const at = (i: number): number => low + i * step;
  // each whole number owns the half-open interval around it, so that the ends are as likely as the rest
  const [from, to] = [Math.log(low - 0.5), Math.log(high + 0.5)];
  return {
    path,
    spec,
    count,
    at,
    indexOf: (value) => memberIndex(value, low, step, count),
    fromUnit: (u) =>
      log
        ? Math.min(high, Math.max(low, Math.round(Math.exp(from + u * (to - from)))))
        : at(Math.floor(u * count)),
  };
}

function steppedDomain(path: string, spec: ParameterSpec & { kind: 'float' }, step: number): Domain {
  const { low, high } = spec;
  const count = steps(low, high, step) + 1;
  const at = (i: number): number => stepped(low, i, step);
  return {
    path,
    spec,
    count,
    at,
    indexOf: (value) => memberIndex(value, low, step, count),
    fromUnit: (u) => at(Math.floor(u * count)),
  };
}

function rangeDomain(path: string, spec: ParameterSpec & { kind: 'float' }): Domain {
  const { low, high, log } = spec;
  const [from, to] = log ? [Math.log(low), Math.log(high)] : [low, high];
  const count = low === high ? 1 : Infinity;
  return {
    path,
    spec,
    count,
    at: () => low,
    indexOf: (value) => (typeof value === 'number' && value >= low && value <= high ? 0 : -1),
    fromUnit: (u) => {
      const x = from + u * (to - from);
      return Math.min(high, Math.max(low, log ? Math.exp(x) : x));
    },
  };
}

function memberIndex(value: unknown, low: number, step: number, count: number): number {
  if (typeof value !== 'number') return -1;
  const exact = (value - low) / step;
  const index = Math.round(exact);
  return Math.abs(exact - index) <= 1e-6 && index >= 0 && index < count ? index : -1;
}
