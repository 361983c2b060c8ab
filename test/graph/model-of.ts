// Models for these tests as the reader would give them, without a file.
import type { OnnxModel, OnnxNode, ValueInfo } from '../../src/onnx/model.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import type { AttributeRecord } from '../ops/single-node.ts';

/** A node called as its output. */
export function fileNode(
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: AttributeRecord = {},
): OnnxNode {
  return {
    name: output,
    opType,
    domain: '',
    inputs,
    outputs: [output],
    attributes: new Map(Object.entries(attributes)),
  };
}

export function floatInput(name: string, shape: ValueInfo['shape']): ValueInfo {
  return { name, dtype: 'float32', shape };
}

/** A model of opset 13 whose output is that of its last node. */
export function modelOf(
  inputs: readonly ValueInfo[],
  nodes: readonly OnnxNode[],
  initializers: Readonly<Record<string, Tensor>> = {},
): OnnxModel {
  return {
    irVersion: 8,
    opset: 13,
    opsets: new Map([['', 13]]),
    producer: '',
    graphName: 'test',
    inputs,
    outputs: nodes.slice(-1).map((node) => ({ name: node.outputs[0]!, dtype: 'float32', shape: null })),
    nodes,
    initializers: new Map(Object.entries(initializers)),
  };
}
