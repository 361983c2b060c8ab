// MeanVarianceNormalization: some axes brought to mean 0 and variance 1.
import { tensor } from '../tensor/tensor.ts';
import { attributesOf, intsAttribute } from './attributes.ts';
import { defineOp } from './op.ts';
import { axesOf, expectFloats, inputFact } from './operands.ts';
import { standardised } from './standardise.ts';

export interface MeanVarianceNormalizationAttributes {
  /** Counted from the front; with axis 0 among them, which is the default, images are mixed. */
  readonly axes: readonly number[];
}

/** https://onnx.ai/onnx/operators/onnx__MeanVarianceNormalization.html */
export const meanVarianceNormalization = defineOp<
  'MeanVarianceNormalization',
  MeanVarianceNormalizationAttributes
>({
  name: 'MeanVarianceNormalization',
  role: 'analog',
  since: 9,
  fate: 'is computed on decoded values',
  tolerance: 1e-5,
  parse(node, inputs) {
    const rank = inputFact(node, inputs, 0, 'the data').shape.length;
    const axes = attributesOf(node, ['axes']).ints('axes') ?? [0, 2, 3];
    return { attributes: { axes: axesOf(node, axes, rank) }, operands: [0] };
  },
  infer(_, operands, node) {
    expectFloats(node, 'MeanVarianceNormalization', operands);
    return [{ dtype: operands[0]!.dtype, shape: operands[0]!.shape }];
  },
  evaluate({ axes }, [x]) {
    const out = tensor(x!.dtype, x!.shape);
    // What ONNX adds, 1e-9 to the deviation, is that a constant line becomes 0.
    out.data.set(standardised(x!, axes, 1e-18));
    return [out];
  },
  encode: ({ axes }) => ({ attributes: { axes: intsAttribute(axes) } }),
  keepsChannels: (_, operands) => operands[0]!.length > 1,
});
