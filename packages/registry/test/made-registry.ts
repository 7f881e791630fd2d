import { onTestFinished } from 'vitest';
import { openRegistry, type Registry } from '../src/registry.ts';
import { makeHome } from '@atelier/tracker/testing/home';
import { answers, gate, recordRun } from './registry-home.ts';

export const GOOD = [0.8, 0.9, 0.7, 0.85];
export const BETTER = [0.9, 0.95, 0.8, 0.9];
/** Better as a whole, worse on shirts. */
export const ONE_SIDED = [0.97, 0.99, 0.55, 0.97];

export function open(home: string): Registry {
  const registry = openRegistry({ home });
  onTestFinished(() => registry.close());
  return registry;
}

/** To make a version champion. */
export function requestOf(version: number) {
  const who = { by: 'ada', command: 'test', smokeCheck: answers };
  return { model: 'fashion', version, alias: 'champion', gate: gate(), ...who };
}

export function promote(
  registry: Registry,
  version: number,
  more: Partial<Parameters<Registry['promote']>[0]> = {},
) {
  return registry.promote({ ...requestOf(version), ...more });
}

/** Versions 1 to 3: good, better, one-sided. */
export function makeRegistry(): { home: string; registry: Registry } {
  const home = makeHome();
  const ids = [GOOD, BETTER, ONE_SIDED].map((recalls, at) =>
    recordRun(home, { name: `run-${at + 1}`, recalls, learningRate: at }),
  );
  const registry = open(home);
  for (const id of ids) registry.register(id, { model: 'fashion', by: 'ada' });
  return { home, registry };
}

/** 1 passed, 2 passed, 3 overridden, back to 2. */
export async function makeHistory() {
  const made = makeRegistry();
  await promote(made.registry, 1);
  await promote(made.registry, 2);
  await promote(made.registry, 3, { override: { reason: 'shirts are out of season' } });
  await made.registry.rollBack({
    model: 'fashion',
    alias: 'champion',
    by: 'bob',
    reason: 'complaints',
    smokeCheck: answers,
  });
  return made;
}
