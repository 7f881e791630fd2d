import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';

/** TF_AttrType and TF_DataType of TensorFlow's C API (c/tf_attrtype.h, c/tf_datatype.h). */
export const TF = { ATTR_STRING: 0, ATTR_FLOAT: 2, ATTR_BOOL: 3, ATTR_TYPE: 4, FLOAT: 1 } as const;

export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: number | string | boolean;
}

/** The methods of tfjs-node's backend that run a TensorFlow op by its name. */
export interface TensorflowBackend {
  executeSingleOutput(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly TensorInfo[],
  ): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly TensorInfo[],
    outputs: number,
  ): Tensor[];
}
