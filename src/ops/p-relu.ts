// PRelu: y = x where x > 0, slope x elsewhere, with a learnt slope for all, for each channel or for each element.
import { broadcastIndex, broadcastShape } from '../tensor/broadcast.ts';
import { floatTensor, type Shape, sameShape, showShape, sizeOf, tensor } from '../tensor/tensor.ts';
import { attributesOf } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { constantInput, expectFloats, inputFact, operandsOf } from './operands.ts';

export interface PReluAttributes {
  readonly slope: readonly number[];
  /** Of the slope; it is broadcast over the operand. */
  readonly shape: Shape;
}

/** https://onnx.ai/onnx/operators/onnx__PRelu.html */
export const pRelu = defineOp<'PRelu', PReluAttributes>({
  name: 'PRelu',
  role: 'activation',
  fate: 'becomes a layer of neurons',
  tolerance: 0,
  parse(node, inputs, opset) {
    attributesOf(node, opset < 6 ? ['consumed_inputs'] : []);
    operandsOf(node, inputs, 2);
    const slope = constantInput(node, inputs, 1, 'slope')!;
    const { shape } = inputFact(node, inputs, 1, 'a slope');
    const rank = inputFact(node, inputs, 0, 'data').shape.length;
    // Before opset 7 a slope [C] belonged to axis 1.
    const perChannel = opset < 7 && shape.length === 1 && rank > 2;
    return {
      attributes: { slope, shape: perChannel ? [shape[0]!, ...new Array<number>(rank - 2).fill(1)] : shape },
      operands: [0],
    };
  },
  infer({ shape: slope }, operands, node) {
    expectFloats(node, 'PRelu', operands);
    const { dtype, shape } = operands[0]!;
    const wider = broadcastShape(slope, shape);
    if (wider === undefined || !sameShape(wider, shape)) {
      refuse(
        node,
        `PRelu expects a slope that broadcasts over ${showShape(shape)}, found ${showShape(slope)}`,
      );
    }
    return [{ dtype, shape }];
  },
  evaluate({ slope, shape }, [x]) {
    const out = tensor(x!.dtype, x!.shape);
    const index = broadcastIndex(shape, x!.shape);
    for (let i = 0; i < out.data.length; i++) {
      const value = x!.data[i]!;
      out.data[i] = value < 0 ? value * slope[index[i]!]! : value;
    }
    return [out];
  },
  encode: ({ slope, shape }) => ({ attributes: {}, parameters: [floatTensor(shape, slope)] }),
  parameters: ({ slope, shape }, image) => ({ slope: compact(slope, shape, image) }),
  keepsChannels: (_, operands) => operands[0]!.length > 1,
});

/** One slope, one for each channel, or one for each element of an image. */
function compact(slope: readonly number[], shape: Shape, image: Shape): readonly number[] {
  if (slope.every((value) => value === slope[0])) return [slope[0]!];
  const all = Array.from(broadcastIndex(shape, [1, ...image]), (from) => slope[from]!);
  const area = sizeOf(image.slice(1));
  return all.every((value, i) => value === all[i - (i % area)]) ? all.filter((_, i) => i % area === 0) : all;
}
