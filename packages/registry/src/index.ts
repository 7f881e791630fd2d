export {
  compareLedgers,
  compareLedgersAside,
  type ComparisonRequest,
  type RunComparison,
} from './comparison.ts';
export { comparisonHeadline, comparisonMarkdown } from './comparison-markdown.ts';
export { comparisonParts, type Part as ComparisonPart } from './comparison-parts.ts';
export type { Decision, Look, SplitUse } from './decisions.ts';
export type { Change, VersionDifference } from './difference.ts';
export {
  GateInvalidError,
  LedgerMismatchError,
  PredicateError,
  RegistryInputError,
  RegistryUnknownError,
  SmokeCheckError,
} from './errors.ts';
export { EvidenceThread } from './evidence-thread.ts';
export type { Evidence } from './evidence.ts';
export { parseGate, type Gate, type GateVerdict, type PredicateVerdict } from './gate.ts';
export { parseSpan, type Holding, type Span } from './history.ts';
export type { Promotion, PromotionRequest, SmokeCheck } from './promotion.ts';
export { openRegistry, registryOf, type Registry, type RegistryOptions } from './registry.ts';
export type { ModelVersion, RegisteredModel, RegistryEvent, SmokeResult, VersionFile } from './schema.ts';
export { smokeCheckOf } from './smoke.ts';
export type { Problem, Verification } from './verification.ts';
