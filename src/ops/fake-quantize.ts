// FakeQuantize: rounds to a grid and stays floating point. Not an operator of ONNX: it is what passes make of a
// QuantizeLinear with its DequantizeLinear, and of the ReLU or Clip in front of them.
import { type Grid, roundHalfEven, scaleAt, showScale } from '../tensor/grid.ts';
import { floatTensor, type Shape, type Tensor, tensor } from '../tensor/tensor.ts';
import { defineOp, refuse } from './op.ts';
import { expectFloats } from './operands.ts';

/**
 * y = scale * min(max(round(x / scale), low), high), in float32, ties to even. `low` and `high` count from the zero point
 * (q - Z): of a uint8 with Z = 0 they are 0 and 255, and 0 is the bound of a ReLU.
 */
export interface FakeQuantizeAttributes extends Grid {
  /** The quantized type, such as `uint8`, for reports. */
  readonly type: string;
  readonly zeroPoint: number;
  /** Names of the Relu and Clip nodes whose bounds it took in. */
  readonly absorbed: readonly string[];
}

export const fakeQuantize = defineOp<'FakeQuantize', FakeQuantizeAttributes>({
  name: 'FakeQuantize',
  role: 'quantizer',
  fate: 'becomes the amplitude of a layer of neurons, or is dropped',
  tolerance: 0,
  parse: (node) => refuse(node.name, 'FakeQuantize is no operator of ONNX', 'invalid-graph'),
  infer({ scale, axis }, operands, node) {
    expectFloats(node, 'FakeQuantize', operands);
    const { dtype, shape } = operands[0]!;
    if (scale.length > 1 && shape[axis] !== scale.length) {
      refuse(node, `expected ${shape[axis] ?? 1} scales along axis ${axis}, found ${scale.length}`);
    }
    return [{ dtype, shape }];
  },
  evaluate(grid, [x]) {
    const out = tensor(x!.dtype, x!.shape);
    for (let i = 0; i < out.data.length; i++) {
      const scale = scaleAt(grid, x!.shape, i);
      const q = roundHalfEven(Math.fround(x!.data[i]! / scale));
      out.data[i] = scale * Math.min(Math.max(q, grid.low), grid.high);
    }
    return [out];
  },
  encode: () => ({ attributes: {} }),
  expand({ scale, axis, low, high }, operand) {
    const factor = perAxis(scale, axis, operand);
    return [
      { op: 'Div', inputs: ['x', factor] },
      { op: 'Round', inputs: [0] },
      { op: 'Clip', inputs: [1, floatTensor([], [low]), floatTensor([], [high])] },
      { op: 'Mul', inputs: [2, factor] },
    ];
  },
  keepsChannels: (_, operands) => operands[0]!.length > 1,
});

/** "uint8 0..255, zero point 0, scale 0.0625000". */
export function showQuantizer(attributes: FakeQuantizeAttributes): string {
  const { type, zeroPoint, low, high } = attributes;
  return `${type} ${low + zeroPoint}..${high + zeroPoint}, zero point ${zeroPoint}, ${showScale(attributes)}`;
}

/** The scale in a shape that is broadcast over an operand. */
function perAxis(scale: readonly number[], axis: number, operand: Shape): Tensor {
  if (scale.length === 1) return floatTensor([], scale);
  return floatTensor(
    operand.slice(axis).map((_, i) => (i === 0 ? scale.length : 1)),
    scale,
  );
}
