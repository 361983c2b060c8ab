// ONNX Runtime has no kernels before opset 7. An older file is run as opset 7 after the attributes that
// opset 7 dropped are taken off; their meaning is what opset 7 does anyway (import checks that it is).
import type { OnnxModel } from './model.ts';

/** The first operator set that ONNX Runtime runs. */
export const FIRST_RUNNABLE_OPSET = 7;

const DROPPED: Readonly<Record<string, readonly string[]>> = {
  Add: ['broadcast', 'axis', 'consumed_inputs'],
  BatchNormalization: ['is_test', 'consumed_inputs'],
  Clip: ['consumed_inputs'],
  Div: ['broadcast', 'axis', 'consumed_inputs'],
  Dropout: ['is_test', 'consumed_inputs'],
  Gemm: ['broadcast'],
  Mul: ['broadcast', 'axis', 'consumed_inputs'],
  Relu: ['consumed_inputs'],
  Sub: ['broadcast', 'axis', 'consumed_inputs'],
  Sum: ['consumed_inputs'],
};

/** The same model at opset 7, the oldest that runs. */
export function upgradeLegacy(model: OnnxModel): OnnxModel {
  return {
    ...model,
    opset: FIRST_RUNNABLE_OPSET,
    opsets: new Map([...model.opsets, ['', FIRST_RUNNABLE_OPSET]]),
    nodes: model.nodes.map((node) => {
      const dropped = DROPPED[node.opType];
      if (dropped === undefined) return node;
      return {
        ...node,
        attributes: new Map([...node.attributes].filter(([name]) => !dropped.includes(name))),
      };
    }),
  };
}
