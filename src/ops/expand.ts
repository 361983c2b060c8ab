// Expand: broadcasts the operand to (at least) a shape.
import { broadcastIndex, broadcastShape } from '../tensor/broadcast.ts';
import { indexTensor, showShape } from '../tensor/tensor.ts';
import { attributesOf } from './attributes.ts';
import { elementsAt } from './elements-at.ts';
import { keepsAxisOne } from './elementwise.ts';
import { defineOp, refuse } from './op.ts';
import { constantInts, inputFact } from './operands.ts';

export interface ExpandAttributes {
  /** The shape to broadcast with; dimensions of 1 leave the operand's own, the batch among them. */
  readonly shape: readonly number[];
}

/** https://onnx.ai/onnx/operators/onnx__Expand.html */
export const expand = defineOp<'Expand', ExpandAttributes>({
  name: 'Expand',
  role: 'layout',
  since: 8,
  fate: 'repeats connections',
  tolerance: 0,
  parse(node, inputs) {
    attributesOf(node, []);
    const from = inputFact(node, inputs, 0, 'the data').shape;
    const given = constantInts(node, inputs, 1, 'shape');
    const added = given.length - from.length;
    const shape = given.map((dim, axis) => (dim === from[axis - added] ? 1 : dim));
    return { attributes: { shape }, operands: [0] };
  },
  infer({ shape }, [x], node) {
    const expanded = broadcastShape(x!.shape, shape);
    if (expanded === undefined) {
      refuse(
        node,
        `Expand expects a shape that ${showShape(x!.shape)} broadcasts to, found ${showShape(shape)}`,
      );
    }
    return [{ dtype: x!.dtype, shape: expanded }];
  },
  evaluate({ shape }, [x]) {
    const expanded = broadcastShape(x!.shape, shape)!;
    return [elementsAt(x!, broadcastIndex(x!.shape, expanded), expanded)];
  },
  encode: ({ shape }) => ({ attributes: {}, parameters: [indexTensor(shape)] }),
  keepsChannels: (_, operands, output) => keepsAxisOne(operands[0]!, output),
});
