// Cast: another element type. float16 and bfloat16 are float32 here, as everywhere in the toolkit.
import { elementCode, elementType, unsupportedElement } from '../onnx/element-types.ts';
import { castTensor, type DType } from '../tensor/tensor.ts';
import { attributesOf, intAttribute } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { operandsOf } from './operands.ts';

export interface CastAttributes {
  readonly to: DType;
}

/** https://onnx.ai/onnx/operators/onnx__Cast.html */
export const cast = defineOp<'Cast', CastAttributes>({
  name: 'Cast',
  role: 'constant',
  fate: 'folded before conversion',
  tolerance: 0,
  parse(node, inputs) {
    const operands = operandsOf(node, inputs, 1);
    const code = attributesOf(node, ['saturate', 'to']).int('to');
    if (code === undefined) refuse(node.name, 'Cast expects a type to cast to, found none', 'invalid-graph');
    const type = elementType(code);
    if (type === undefined || type.bytes < 1) {
      refuse(node.name, `Cast: ${unsupportedElement(code)}`, 'unsupported-type');
    }
    return { attributes: { to: type.dtype }, operands };
  },
  infer: ({ to }, [x]) => [{ dtype: to, shape: x!.shape }],
  evaluate: ({ to }, [x]) => [castTensor(x!, to)],
  encode: ({ to }) => ({ attributes: { to: intAttribute(elementCode(to)) } }),
});
