import type { Outcome } from './spec-tree.ts';

/** Tests that the backend is known to fail, by name, with the reason. */
export type Listed = Readonly<Record<string, string>>;

export interface Count {
  readonly passed: number;
  readonly failed: number;
}

export interface Comparison {
  readonly cpu: Count;
  readonly onednn: Count & { readonly listed: number };
  /** Failures of ours that cpu passes and the list does not have. */
  readonly unlisted: readonly Outcome[];
  /** Names of the list that pass, or that no test has. */
  readonly stale: readonly string[];
  /** Failures that cpu has too. */
  readonly both: readonly string[];
  /** Tests that only one of the two declares. */
  readonly onlyCpu: readonly string[];
  readonly onlyOnednn: readonly string[];
}

const failed = ({ failures }: Outcome): boolean => failures.length > 0;

function count(outcomes: readonly Outcome[]): Count {
  const wrong = outcomes.filter(failed).length;
  return { passed: outcomes.length - wrong, failed: wrong };
}

/** Holds what the tests gave on our backend against what they gave on the cpu backend. */
export function compare(cpu: readonly Outcome[], onednn: readonly Outcome[], listed: Listed): Comparison {
  const cpuNames = new Map(cpu.map((outcome) => [outcome.name, outcome]));
  const ourNames = new Map(onednn.map((outcome) => [outcome.name, outcome]));
  const wrong = onednn.filter(failed);
  const isBoth = ({ name }: Outcome): boolean => {
    const other = cpuNames.get(name);
    return other !== undefined && failed(other);
  };
  const reference = wrong.filter((outcome) => !isBoth(outcome));
  return {
    cpu: count(cpu),
    onednn: { ...count(onednn), listed: reference.filter(({ name }) => Object.hasOwn(listed, name)).length },
    unlisted: reference.filter(({ name }) => !Object.hasOwn(listed, name)),
    stale: Object.keys(listed).filter((name) => !wrong.some((outcome) => outcome.name === name)),
    both: wrong.filter(isBoth).map(({ name }) => name),
    onlyCpu: cpu.map(({ name }) => name).filter((name) => !ourNames.has(name)),
    onlyOnednn: onednn.map(({ name }) => name).filter((name) => !cpuNames.has(name)),
  };
}
