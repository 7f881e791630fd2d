import {
  averagingRate,
  convBlock,
  denseBlock,
  isNormBlockNative,
  moveTowards,
  normBlock,
  ownMemory,
  rateValues,
  seededDropout,
  type NormBlockPool,
  type StepInputs,
} from '@atelier/engine';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { dropoutKey } from './dropout-key.ts';
import { imageDropout, SeededDropout } from './dropout.ts';
import {
  dropoutFacts,
  isRelu,
  normFacts,
  poolFacts,
  productFacts,
  weightOf,
  type DropoutFacts,
  type NormFacts,
  type ProductFacts,
} from './layer-facts.ts';

/** What a forward pass works on. */
interface Pass {
  readonly images: tf.Tensor;
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  /** Values that more than one layer takes. */
  readonly shared: Map<SymbolicTensor, tf.Tensor>;
}

type Node = (pass: Pass) => tf.Tensor;

/** A model's forward pass in training mode, made of the engine's fused ops. */
export interface TrainingForward {
  /** What moves: the model's trainable weights. */
  readonly parameters: readonly tf.Variable[];
  /**
   * What the pass takes besides images, and changes from step to step: the key of each dropout layer, and the rate at which
   * moving averages of each momentum move so that they are free of bias. Steps count from 1.
   */
  inputsAt(step: number): StepInputs;
  /**
   * images [n, height, width, channels] -> logits [n, classes]. Moving averages move in place. A pure function of its
   * arguments and the weights.
   * @param inputs those of `inputsAt`; others are ignored
   */
  apply(images: tf.Tensor, inputs: Readonly<Record<string, tf.Tensor>>): tf.Tensor2D;
}

/**
 * Compiles a model into a training pass: convolution or dense layer, ReLU, batch normalisation, ReLU and max pooling that
 * follow each other become fused ops; dropout draws from keys that come in; any other layer is applied as it is. The
 * weights stay the layers' own, so the model is saved as the standard layers it is made of. Their memory becomes their own
 * (see `ownMemory`).
 * @param seed of the dropout layers that have none of their own
 */
export function trainingForward(model: LayersModel, seed = 0): TrainingForward {
  const compiler = new Compiler(model);
  const output = compiler.node(model.outputs[0]!);
  ownMemory(model.weights.map((weight) => weight.read() as tf.Variable));
  const seeds = new Map(
    compiler.dropouts.map((layer) => [layer.name, layer instanceof SeededDropout ? layer.seed : seed]),
  );
  return {
    parameters: model.trainableWeights.map((weight) => weight.read() as tf.Variable),
    inputsAt: (step) =>
      Object.fromEntries([
        ...[...seeds].map(([name, own]) => [
          keyOf(name),
          { values: dropoutKey(own, name, step), shape: [2] },
        ]),
        ...[...compiler.momenta].map((momentum) => [
          rateOf(momentum),
          { values: rateValues(averagingRate(momentum, step)), shape: [4] },
        ]),
      ]) as StepInputs,
    apply: (images, inputs) => output({ images, inputs, shared: new Map() }) as tf.Tensor2D,
  };
}

const keyOf = (dropout: string): string => `dropout/${dropout}`;
const rateOf = (momentum: number): string => `averages/${momentum}`;

function inputOf({ inputs }: Pass, name: string): tf.Tensor {
  const found = inputs[name];
  if (!found) throw new Error(`The training pass was not given '${name}'.`);
  return found;
}

/** A run of layers that one `NormBlock` computes. */
interface Block {
  readonly norm: NormFacts;
  readonly product: ProductFacts | undefined;
  readonly reluBefore: boolean;
  readonly reluAfter: boolean;
  readonly pool: NormBlockPool | null;
  /** What the product, or else the normalisation, takes. */
  readonly source: SymbolicTensor;
}

class Compiler {
  readonly dropouts: SymbolicTensor['sourceLayer'][] = [];
  /** Of the moving averages. */
  readonly momenta = new Set<number>();
  readonly #consumers = new Map<SymbolicTensor, number>();
  readonly #nodes = new Map<SymbolicTensor, Node>();

  constructor(model: LayersModel) {
    this.#count(model.outputs[0]!);
  }

  /** Counts how many layers take each value. */
  #count(tensor: SymbolicTensor): void {
    const seen = this.#consumers.get(tensor);
    this.#consumers.set(tensor, (seen ?? 0) + 1);
    if (seen === undefined) tensor.inputs.forEach((input) => this.#count(input));
  }

  /** Whether only one layer takes this value: then nobody sees it but the fused op. */
  #isPrivate(tensor: SymbolicTensor): boolean {
    return this.#consumers.get(tensor) === 1;
  }

  /** How to compute a value. */
  node(tensor: SymbolicTensor): Node {
    const known = this.#nodes.get(tensor);
    if (known) return known;
    const compute = this.#compile(tensor);
    const node = this.#isPrivate(tensor) ? compute : remembered(tensor, compute);
    this.#nodes.set(tensor, node);
    return node;
  }

  #compile(tensor: SymbolicTensor): Node {
    const { sourceLayer: layer, inputs } = tensor;
    const [input] = inputs;
    if (!input) return ({ images }) => images;
    const block = this.#block(tensor);
    if (block) {
      this.momenta.add(block.norm.momentum);
      return blockNode(block, this.node(block.source));
    }
    const product = productFacts(layer, input);
    if (product) return productNode(product, product, this.node(input));
    const dropout = dropoutFacts(layer);
    if (dropout?.rate === 0) return this.node(input);
    if (dropout !== undefined) {
      const source = this.node(input);
      if (!this.dropouts.includes(layer)) this.dropouts.push(layer);
      return dropoutNode(layer.name, dropout, source);
    }
    const nodes = inputs.map((each) => this.node(each));
    return (pass) => {
      const values = nodes.map((node) => node(pass));
      return layer.apply(values.length === 1 ? values[0]! : values, { training: true }) as tf.Tensor;
    };
  }

  /** The block that ends in this value, read backwards. */
  #block(end: SymbolicTensor): Block | undefined {
    let at = end;
    const pool = poolFacts(at.sourceLayer) ?? null;
    if (pool) at = at.inputs[0]!;
    if (pool && !this.#isPrivate(at)) return undefined;
    const reluAfter = at.inputs.length === 1 && isRelu(at.sourceLayer);
    if (reluAfter) at = at.inputs[0]!;
    if (reluAfter && !this.#isPrivate(at)) return undefined;
    const norm = at.inputs.length === 1 ? normFacts(at.sourceLayer, at.inputs[0]!) : undefined;
    return norm && { norm, reluAfter, pool, ...this.#beforeNorm(at.inputs[0]!) };
  }

  /** What stands before the normalisation and nobody else takes: ReLU, and the product before it. */
  #beforeNorm(start: SymbolicTensor): Pick<Block, 'product' | 'reluBefore' | 'source'> {
    const none = { product: undefined, reluBefore: false, source: start };
    if (!this.#isPrivate(start) || start.inputs.length !== 1) return none;
    const relu = isRelu(start.sourceLayer);
    const at = relu ? start.inputs[0]! : start;
    const alone = { product: undefined, reluBefore: relu, source: at };
    if (!this.#isPrivate(at) || at.inputs.length !== 1) return alone;
    const product = productFacts(at.sourceLayer, at.inputs[0]!);
    if (!product) return alone;
    return { product, reluBefore: relu || product.relu, source: at.inputs[0]! };
  }
}

function remembered(tensor: SymbolicTensor, compute: Node): Node {
  return (pass) => {
    const known = pass.shared.get(tensor);
    if (known) return known;
    const value = compute(pass);
    pass.shared.set(tensor, value);
    return value;
  };
}

function dropoutNode(name: string, { rate, perImage }: DropoutFacts, input: Node): Node {
  const drop = perImage ? imageDropout : seededDropout;
  return (pass) => drop(input(pass), inputOf(pass, keyOf(name)), rate);
}

/** The product with as much of its bias and ReLU as `epilogue` says. */
function productNode(
  { layer, geometry }: ProductFacts,
  epilogue: { readonly bias: boolean; readonly relu: boolean },
  input: Node,
): Node {
  return (pass) => {
    const x = input(pass);
    const kernel: tf.Tensor = weightOf(layer, 0);
    const bias = epilogue.bias ? (weightOf(layer, 1) as tf.Tensor as tf.Tensor1D) : undefined;
    const after = { bias, relu: epilogue.relu };
    return geometry
      ? convBlock(x as tf.Tensor4D, kernel as tf.Tensor4D, geometry, after)
      : denseBlock(x as tf.Tensor2D, kernel as tf.Tensor2D, after);
  };
}

/** Where `NormBlock` is one kernel it takes over bias and ReLU; elsewhere they go with the product. */
function blockNode({ norm, product, reluBefore, reluAfter, pool }: Block, source: Node): Node {
  const { layer, epsilon, momentum, scale, center } = norm;
  const withNorm = product === undefined || isNormBlockNative();
  const epilogue = withNorm ? { bias: false, relu: false } : { bias: product.bias, relu: reluBefore };
  const input = product ? productNode(product, epilogue, source) : source;
  const at = { scale: 0, offset: Number(scale), mean: Number(scale) + Number(center) };
  const weight = (index: number): tf.Tensor1D => weightOf(layer, index) as tf.Tensor as tf.Tensor1D;
  return (pass) => {
    const { y, mean, variance } = normBlock({
      x: input(pass),
      bias: withNorm && product?.bias ? (weightOf(product.layer, 1) as tf.Tensor as tf.Tensor1D) : undefined,
      scale: scale ? weight(at.scale) : undefined,
      offset: center ? weight(at.offset) : undefined,
      ...{ epsilon, reluBefore: withNorm && reluBefore, reluAfter, pool },
    });
    const averages = [weightOf(layer, at.mean), weightOf(layer, at.mean + 1)];
    moveTowards(averages, [mean, variance], inputOf(pass, rateOf(momentum)));
    return y;
  };
}
