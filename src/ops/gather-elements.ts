// GatherElements of constants: picks single elements along one axis by index.
import { showShape, stridesOf, type Tensor } from '../tensor/tensor.ts';
import { attributesOf, intAttribute } from './attributes.ts';
import { elementsAt } from './elements-at.ts';
import type { GatherAttributes } from './gather.ts';
import { defineOp, refuse } from './op.ts';
import { axisOf, operandsOf } from './operands.ts';

/** https://onnx.ai/onnx/operators/onnx__GatherElements.html */
export const gatherElements = defineOp<'GatherElements', GatherAttributes>({
  name: 'GatherElements',
  role: 'constant',
  since: 11,
  fate: 'folded before conversion',
  tolerance: 0,
  parse(node, inputs) {
    const operands = operandsOf(node, inputs, 2);
    const axis = attributesOf(node, ['axis']).int('axis') ?? 0;
    return { attributes: { axis: axisOf(node, axis, inputs[0]!.shape.length) }, operands };
  },
  infer({ axis }, [data, indices], node) {
    const [from, to] = [data!.shape, indices!.shape];
    if (to.length !== from.length || to.some((dim, i) => i !== axis && dim > from[i]!)) {
      refuse(
        node,
        `GatherElements expects indices that fit ${showShape(from)} but on axis ${axis}, found ${showShape(to)}`,
      );
    }
    const size = from[axis]!;
    const outside = indices!.value?.data.find((index) => index < -size || index >= size);
    if (outside !== undefined) {
      refuse(node, `GatherElements expects indices from ${-size} to ${size - 1}, found ${outside}`);
    }
    return [{ dtype: data!.dtype, shape: to }];
  },
  evaluate: ({ axis }, [data, indices]) => [pick(data!, indices!, axis)],
  encode: ({ axis }) => ({ attributes: { axis: intAttribute(axis) } }),
});

function pick(data: Tensor, indices: Tensor, axis: number): Tensor {
  const [from, to] = [stridesOf(data.shape), stridesOf(indices.shape)];
  const size = data.shape[axis]!;
  const index = Int32Array.from(indices.data, (wanted, i) =>
    from.reduce((sum, stride, a) => {
      const own = Math.floor(i / to[a]!) % indices.shape[a]!;
      return sum + stride * (a === axis ? (wanted < 0 ? wanted + size : wanted) : own);
    }, 0),
  );
  return elementsAt(data, index, indices.shape);
}
