import { MetricsInputError } from './errors.ts';

/** What is left of a test split's power to decide after it has decided `decisions` times. */
export interface TestBudget {
  /** Decisions taken on the split, this one included. */
  readonly decisions: number;
  readonly alpha: number;
  /** Bonferroni: alpha / decisions. What each of them must stay below. */
  readonly correctedAlpha: number;
  /** Sidak: 1 - (1 - alpha)^(1 / decisions); for independent tests. */
  readonly sidakAlpha: number;
  /** Alpha spending for a number of decisions nobody fixed in advance: 6 alpha / (pi decisions)^2 of it for this one. */
  readonly spendingAlpha: number;
  /** Probability of at least one false alarm so far, had every decision used the plain alpha and been independent. */
  readonly falseAlarm: number;
  /** By how much the best accuracy seen can exceed its true value, for `decisions` models fixed in advance. */
  readonly optimism: number;
  /** The same where each next model was chosen knowing the answers before. At most 1. */
  readonly adaptiveOptimism: number;
}

/**
 * The correction that repeated use of one test split calls for. `optimism` is Hoeffding's bound over all models,
 * sqrt(ln(2k / alpha) / 2n); `adaptiveOptimism` the description-length bound of Dwork et al. ("Generalization in
 * adaptive data analysis and holdout reuse", NIPS 2015) for k answers of one bit, "better" or "not":
 * sqrt((k ln 2 + ln(2 / alpha)) / 2n). Both hold with probability 1 - alpha and are worst cases.
 * @param decisions at least 1. @param samples in the split. @param alpha in (0, 1).
 */
export function testBudget(decisions: number, samples: number, alpha = 0.05): TestBudget {
  if (!Number.isSafeInteger(decisions) || decisions < 1) {
    throw new MetricsInputError(`decisions must be a whole number of at least 1, got ${decisions}`);
  }
  if (!Number.isSafeInteger(samples) || samples < 1) {
    throw new MetricsInputError(`samples must be a whole number of at least 1, got ${samples}`);
  }
  if (!(alpha > 0 && alpha < 1)) throw new MetricsInputError(`alpha must lie between 0 and 1, got ${alpha}`);
  const bound = (logModels: number): number =>
    Math.min(1, Math.sqrt((logModels + Math.log(2 / alpha)) / (2 * samples)));
  return {
    decisions,
    alpha,
    correctedAlpha: alpha / decisions,
    sidakAlpha: -Math.expm1(Math.log1p(-alpha) / decisions),
    spendingAlpha: (6 * alpha) / (Math.PI * decisions) ** 2,
    falseAlarm: -Math.expm1(decisions * Math.log1p(-alpha)),
    optimism: bound(Math.log(decisions)),
    adaptiveOptimism: bound(decisions * Math.LN2),
  };
}
