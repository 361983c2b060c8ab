// Clip: y = min(max(x, low), high). ReLU6 is exported as one.
import { floatTensor, tensor } from '../tensor/tensor.ts';
import { attributesOf } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { constantInput, expectFloats, operandsOf } from './operands.ts';

export interface ClipAttributes {
  /** -Infinity where there is none. */
  readonly low: number;
  /** Infinity where there is none. */
  readonly high: number;
}

/** https://onnx.ai/onnx/operators/onnx__Clip.html; bounds are attributes before opset 11, constant inputs since. */
export const clip = defineOp<'Clip', ClipAttributes>({
  name: 'Clip',
  role: 'activation',
  fate: 'becomes a layer of neurons',
  tolerance: 0,
  parse(node, inputs, opset) {
    const read = attributesOf(node, opset < 11 ? ['min', 'max', 'consumed_inputs'] : []);
    operandsOf(node, inputs, 1, opset < 11 ? 1 : 3);
    const bound = (index: number, what: 'min' | 'max') =>
      opset < 11 ? read.float(what) : constantInput(node, inputs, index, what)?.[0];
    const low = bound(1, 'min') ?? Number.NEGATIVE_INFINITY;
    const high = bound(2, 'max') ?? Number.POSITIVE_INFINITY;
    if (!(low < high)) {
      refuse(node.name, `Clip expects its min below its max, found ${low} and ${high}`, 'invalid-graph');
    }
    return { attributes: { low, high }, operands: [0] };
  },
  infer(_, operands, node) {
    expectFloats(node, 'Clip', operands);
    return [{ dtype: operands[0]!.dtype, shape: operands[0]!.shape }];
  },
  evaluate({ low, high }, [x]) {
    const out = tensor(x!.dtype, x!.shape);
    for (let i = 0; i < out.data.length; i++) out.data[i] = Math.min(Math.max(x!.data[i]!, low), high);
    return [out];
  },
  encode: ({ low, high }) => ({
    attributes: {},
    parameters: [bounded(low), bounded(high)],
  }),
  parameters: ({ low, high }) => ({
    ...(Number.isFinite(low) ? { low: [low] } : {}),
    ...(Number.isFinite(high) ? { high: [high] } : {}),
  }),
  keepsChannels: (_, operands) => operands[0]!.length > 1,
});

/** A bound as a scalar; what is open becomes the end of float32. */
function bounded(value: number) {
  const end = 3.4028234663852886e38;
  return floatTensor([], [Math.min(Math.max(value, -end), end)]);
}
