import { ashaPruner } from './asha.ts';
import { hyperbandPruner } from './hyperband.ts';
import { patiencePruner } from './patience.ts';
import { keep, type Pruner, type PrunerContext } from './pruner.ts';
import { quantilePruner } from './quantile.ts';
import { racingPruner } from './racing.ts';
import type { PrunerSpec } from './spec.ts';

const NONE: Pruner = { judge: () => keep('nothing is pruned') };

/**
 * Builds the pruner that a parsed spec asks for. Judgements are pure: the same history, reports and seed give the same
 * answer on every machine, so a resumed sweep decides as the one before would have.
 */
export function createPruner(spec: PrunerSpec, context: PrunerContext): Pruner {
  const { objective } = context;
  switch (spec.kind) {
    case 'none':
      return NONE;
    case 'median':
      return quantilePruner({ ...spec, kind: 'percentile', percentile: 50 }, objective);
    case 'percentile':
      return quantilePruner(spec, objective);
    case 'asha':
    case 'successive-halving':
      return ashaPruner(spec, objective);
    case 'hyperband':
      return hyperbandPruner(spec, context);
    case 'patience':
      return patiencePruner(spec, objective, spec.wrapped && createPruner(spec.wrapped, context));
    case 'racing':
      return racingPruner(spec, objective);
  }
}
