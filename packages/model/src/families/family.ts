import type { SymbolicTensor } from '@tensorflow/tfjs-layers';

/** What a model is built for. */
export interface BuildContext {
  /** [height, width, channels] */
  readonly inputShape: readonly [number, number, number];
  readonly classes: number;
  /** Of the weights and the dropout masks. */
  readonly seed: number;
}

/** One family of models: turns images into logits. */
export interface ModelFamily<Spec> {
  /**
   * Applies the family's layers to `images` [n, height, width, channels] and returns the logits [n, classes].
   * Every layer has a name of its own: initial weights and dropout masks are keyed by it.
   */
  connect(images: SymbolicTensor, spec: Spec, context: BuildContext): SymbolicTensor;
}
