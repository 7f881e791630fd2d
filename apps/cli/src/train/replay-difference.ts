import type { Curve, Run, RunEnvironment } from '@atelier/tracker';

/** Where a curve of a replay leaves the curve of the run, and how far it is away. */
export interface CurveDifference {
  readonly key: string;
  /** The first step at which they differ. */
  readonly step: number;
  /** `undefined` where one of them has no such point. */
  readonly was: number | undefined;
  readonly is: number | undefined;
  /** The largest distance over all points that both have. */
  readonly most: number;
}

/** A part of the environment that is another one. */
export interface EnvironmentDifference {
  readonly name: string;
  readonly was: string;
  readonly is: string;
}

/** Times and the machine's load are never the same twice. */
const isRepeatable = (key: string): boolean =>
  !key.startsWith('system/') && !/(imagesPerSecond|Seconds)$/.test(key);

function differenceOf(key: string, was: Curve['points'], is: Curve['points']): CurveDifference | undefined {
  let first: Omit<CurveDifference, 'most'> | undefined;
  let most = 0;
  for (let i = 0; i < Math.max(was.length, is.length); i++) {
    const [a, b] = [was[i], is[i]];
    const step = (a ?? b)!.step;
    const same = a !== undefined && b !== undefined && a.step === b.step && Object.is(a.value, b.value);
    if (!same) first ??= { key, step, was: a?.value, is: b?.step === step ? b.value : undefined };
    if (a !== undefined && b !== undefined) most = Math.max(most, Math.abs(a.value - b.value) || 0);
  }
  return first && { ...first, most };
}

/** Curves that differ in any bit of any point, the first to do so first. */
export function curveDifferences(was: readonly Curve[], is: readonly Curve[]): CurveDifference[] {
  const points = (curves: readonly Curve[], key: string): Curve['points'] =>
    curves.find((curve) => curve.key === key)?.points ?? [];
  const keys = [...new Set([...was, ...is].map(({ key }) => key))].filter(isRepeatable);
  return keys
    .flatMap((key) => differenceOf(key, points(was, key), points(is, key)) ?? [])
    .sort((a, b) => a.step - b.step);
}

function environmentFacts({ engine, machine, node, git }: RunEnvironment): Record<string, string> {
  return {
    engine: engine.name,
    'engine version': engine.version,
    threads: String(engine.threads),
    precision: engine.precision,
    arithmetic: engine.arithmetic ?? 'not recorded',
    CPU: machine.cpu,
    Node: node,
    commit: git === undefined ? 'none' : `${git.commit.slice(0, 12)}${git.dirty ? ' with changes' : ''}`,
  };
}

/** What may explain a difference. */
export function environmentDifferences(was: RunEnvironment, is: RunEnvironment): EnvironmentDifference[] {
  const [before, now] = [environmentFacts(was), environmentFacts(is)];
  return Object.keys(before).flatMap((name) =>
    before[name] === now[name] ? [] : [{ name, was: before[name]!, is: now[name]! }],
  );
}

/** SHA-256 of the saved weights; undefined where there are none. */
export const weightsOf = (run: Run): string | undefined =>
  run.artifacts.find(({ path }) => path === 'model/weights.bin')?.sha256;
