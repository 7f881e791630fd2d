import type { ParameterSpec } from '../space.ts';
import type { Parameters, ParameterValue } from '../trial.ts';

/** How a parameter is laid out on an axis. */
export interface Axis {
  readonly path: string;
  readonly scale: 'linear' | 'log' | 'choice';
  /** Bounds of the space; for a choice 0 and the number of values less one. */
  readonly low: number;
  readonly high: number;
  /** The values of a choice, in the space's order. */
  readonly choices?: readonly ParameterValue[];
}

export function axisOf(path: string, spec: ParameterSpec): Axis {
  if (spec.kind === 'choice') {
    return { path, scale: 'choice', low: 0, high: spec.values.length - 1, choices: spec.values };
  }
  return { path, scale: spec.log ? 'log' : 'linear', low: spec.low, high: spec.high };
}

/** A parameter's place on its axis in its own units, a choice's index; undefined where inactive or not of the space. */
export function coordinate(axis: Axis, parameters: Parameters): number | undefined {
  const value = parameters[axis.path];
  if (value === undefined) return undefined;
  if (!axis.choices) return typeof value === 'number' ? value : undefined;
  const text = JSON.stringify(value);
  const index = axis.choices.findIndex((choice) => JSON.stringify(choice) === text);
  return index < 0 ? undefined : index;
}

/** Place within the axis: 0 at `low`, 1 at `high`; 0.5 for an axis of one value. */
export function fraction({ scale, low, high }: Axis, value: number): number {
  if (low === high) return 0.5;
  if (scale === 'log') return Math.log(value / low) / Math.log(high / low);
  return (value - low) / (high - low);
}

/** Inverse of {@link fraction}. */
export function atFraction({ scale, low, high }: Axis, share: number): number {
  return scale === 'log' ? low * (high / low) ** share : low + share * (high - low);
}
