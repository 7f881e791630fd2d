import { updateRule, type UpdateRule } from '@atelier/engine';
import type { OptimizerSpec } from './config.ts';

type Rules = {
  readonly [Kind in OptimizerSpec['kind']]: (spec: Extract<OptimizerSpec, { kind: Kind }>) => UpdateRule;
};

/** Every optimizer by its kind. Momentum is TensorFlow's: v = m v + g; w -= rate v. */
const RULES: Rules = {
  adam: ({ beta1, beta2, epsilon }) => updateRule('adam', { beta1, beta2, epsilon }),
  adamw: ({ beta1, beta2, epsilon, weightDecay }) =>
    updateRule('adamw', { beta1, beta2, epsilon, weightDecay }),
  sgd: ({ momentum, nesterov }) => updateRule('sgd', { momentum, nesterov }),
  momentum: ({ momentum, nesterov }) => updateRule('sgd', { momentum, nesterov }),
};

/** The engine's rule for an optimizer; the learning rate is not part of it. */
export function ruleOf(spec: OptimizerSpec): UpdateRule {
  const rule = RULES[spec.kind] as (spec: OptimizerSpec) => UpdateRule;
  return rule(spec);
}
