// GlobalMaxPool: the largest element of each channel.

import { attributesOf, type NoAttributes } from './attributes.ts';
import { reducedShape } from './mean.ts';
import { defineOp } from './op.ts';
import { expectRank, operandsOf } from './operands.ts';
import { reduceOver } from './reduction.ts';
import { spatialAxes } from './spatial-axes.ts';

/** https://onnx.ai/onnx/operators/onnx__GlobalMaxPool.html */
export const globalMaxPool = defineOp<'GlobalMaxPool', NoAttributes>({
  name: 'GlobalMaxPool',
  role: 'max-pool',
  fate: 'becomes the window of the neurons behind it: MaxPool',
  tolerance: 0,
  parse(node, inputs) {
    attributesOf(node, []);
    return { attributes: {}, operands: operandsOf(node, inputs, 1) };
  },
  infer(_, [x], node) {
    const { dtype, shape } = x!;
    expectRank(node, 'GlobalMaxPool', shape, 3, '[N, C, ...]');
    return [{ dtype, shape: reducedShape(shape, spatialAxes(shape)) }];
  },
  evaluate: (_, [x]) => [
    reduceOver(x!, { axes: spatialAxes(x!.shape), keepDims: true }, Number.NEGATIVE_INFINITY, Math.max),
  ],
  encode: () => ({ attributes: {} }),
  keepsChannels: () => true,
});
