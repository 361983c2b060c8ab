// Two-class networks of a few weights for images [1, 2, 2], written by our own writer.
import type { AttributeValue, Dim } from '../../src/onnx/model.ts';
import { type NodeSpec, writeOnnxGraph } from '../../src/onnx/write.ts';
import { floatTensor, type Tensor } from '../../src/tensor/tensor.ts';

export function node(
  name: string,
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, AttributeValue>> = {},
  domain = '',
): NodeSpec {
  return {
    name,
    opType,
    domain,
    inputs,
    outputs: [output],
    attributes: new Map(Object.entries(attributes)),
  };
}

interface Changes {
  readonly input?: readonly Dim[];
  /** Weights of the last layer, 4 to 2. */
  readonly head?: readonly number[];
  /** In place of the one Relu: nodes from "x" to "y". */
  readonly middle?: readonly NodeSpec[];
}

const PLUS_MINUS = [1, -1, 1, -1, 1, -1, 1, -1];

/** x [N, 1, 2, 2] -> Relu -> Flatten -> MatMul -> scores [N, 2], or a changed form of it. */
export function tinyOnnx({ input = ['N', 1, 2, 2], head = PLUS_MINUS, middle }: Changes = {}): Uint8Array {
  const initializers = new Map<string, Tensor>([['w', floatTensor([4, 2], head)]]);
  return writeOnnxGraph(
    {
      name: 'tiny',
      inputs: [{ name: 'x', dtype: 'float32', shape: input }],
      outputs: [{ name: 'scores', dtype: 'float32', shape: ['N', 2] }],
      nodes: [
        ...(middle ?? [node('relu', 'Relu', ['x'], 'y')]),
        node('flat', 'Flatten', ['y'], 'z'),
        node('head', 'MatMul', ['z', 'w'], 'scores'),
      ],
      initializers,
    },
    { opset: 13, irVersion: 8 },
  );
}
