import { crossEntropyCases } from './training-ops/cross-entropy-cases.ts';
import { dropoutCases } from './training-ops/dropout-cases.ts';
import { FP32, type Exactness, type TrainingOpCase } from './training-ops/figures.ts';
import { normBlockCases } from './training-ops/norm-block-cases.ts';
import { productCases } from './training-ops/product-cases.ts';
import { smoothCases } from './training-ops/smooth-cases.ts';
import { captureCase, freshnessCase } from './training-ops/step-cases.ts';
import { updateCases } from './training-ops/update-cases.ts';

/**
 * Every fused training op on the active engine: values and gradients against float64 references and their central
 * differences, updates in place, dropout to the bit, and no tensor left behind.
 */
export function trainingOpCases(exactness: Exactness = FP32): TrainingOpCase[] {
  return [
    ...normBlockCases(exactness),
    ...dropoutCases(exactness),
    ...crossEntropyCases,
    ...updateCases,
    ...productCases(exactness),
    ...smoothCases(exactness),
    freshnessCase,
    captureCase,
  ];
}
