// DynamicQuantizeLinear: quantizes by the range of the very tensor. A running one is taken as floating point, as if its
// scale were 1 and its zero point 0: whatever multiplies by the scale and subtracts the zero point folds away.
import { roundHalfEven } from '../tensor/grid.ts';
import { floatTensor, type Tensor, tensor } from '../tensor/tensor.ts';
import { attributesOf, type NoAttributes } from './attributes.ts';
import { defineOp } from './op.ts';
import { expectFloats, operandsOf } from './operands.ts';
import { quantizeLinear } from './quantize-linear.ts';

const ONE = floatTensor([], [1]);
const ZERO = tensor('uint8', [], [0]);

/** https://onnx.ai/onnx/operators/onnx__DynamicQuantizeLinear.html */
export const dynamicQuantizeLinear = defineOp<'DynamicQuantizeLinear', NoAttributes>({
  name: 'DynamicQuantizeLinear',
  role: 'constant',
  since: 11,
  fate: 'dropped: calibration gives the amplitude',
  tolerance: 0,
  parse(node, inputs) {
    attributesOf(node, []);
    return { attributes: {}, operands: operandsOf(node, inputs, 1) };
  },
  infer(_, operands, node) {
    expectFloats(node, 'DynamicQuantizeLinear', operands);
    const { shape, value } = operands[0]!;
    return value === undefined
      ? [
          { dtype: 'float32', shape },
          { dtype: 'float32', shape: [], value: ONE },
          { dtype: 'uint8', shape: [], value: ZERO },
        ]
      : [
          { dtype: 'uint8', shape },
          { dtype: 'float32', shape: [] },
          { dtype: 'uint8', shape: [] },
        ];
  },
  evaluate: (_, [x]) => quantizedByRange(x!),
  encode: () => ({ attributes: {} }),
});

/** The integers, scale and zero point of a constant; the range takes in 0. */
function quantizedByRange(x: Tensor): readonly Tensor[] {
  let [least, most] = [0, 0];
  for (const value of x.data) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  // Of zeros alone ONNX Runtime makes the scale 1.
  const scale = Math.fround(Math.fround(most - least) / 255) || 1;
  const zeroPoint = Math.min(Math.max(roundHalfEven(Math.fround(-least / scale)), 0), 255);
  const attributes = { type: 'uint8', scale: [scale], zeroPoint: [zeroPoint], axis: 0 } as const;
  return [
    quantizeLinear.evaluate(attributes, [x])[0]!,
    floatTensor([], [scale]),
    tensor('uint8', [], [zeroPoint]),
  ];
}
