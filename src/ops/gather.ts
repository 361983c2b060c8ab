// Gather: picks slices along one axis by index.
import { type Shape, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { attributesOf, intAttribute } from './attributes.ts';
import { elementsAt } from './elements-at.ts';
import { defineOp, refuse } from './op.ts';
import { axisOf, operandsOf } from './operands.ts';

export interface GatherAttributes {
  /** Counted from the front. */
  readonly axis: number;
}

/** https://onnx.ai/onnx/operators/onnx__Gather.html */
export const gather = defineOp<'Gather', GatherAttributes>({
  name: 'Gather',
  role: 'layout',
  fate: 'picks from constants: folded before conversion',
  tolerance: 0,
  parse(node, inputs) {
    const operands = operandsOf(node, inputs, 2);
    const axis = attributesOf(node, ['axis']).int('axis') ?? 0;
    return { attributes: { axis: axisOf(node, axis, inputs[0]!.shape.length) }, operands };
  },
  infer({ axis }, [data, indices], node) {
    const size = data!.shape[axis]!;
    if (indices!.dtype !== 'int64' && indices!.dtype !== 'int32') {
      refuse(node, `Gather expects int32 or int64 indices, found ${indices!.dtype}`, 'unsupported-type');
    }
    const outside = indices!.value?.data.find((index) => index < -size || index >= size);
    if (outside !== undefined) {
      refuse(node, `Gather expects indices from ${-size} to ${size - 1} on axis ${axis}, found ${outside}`);
    }
    return [{ dtype: data!.dtype, shape: gathered(data!.shape, indices!.shape, axis) }];
  },
  evaluate: ({ axis }, [data, indices]) => [pick(data!, indices!, axis)],
  encode: ({ axis }) => ({ attributes: { axis: intAttribute(axis) } }),
});

function gathered(data: Shape, indices: Shape, axis: number): Shape {
  return [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)];
}

function pick(data: Tensor, indices: Tensor, axis: number): Tensor {
  const shape = gathered(data.shape, indices.shape, axis);
  const rows = sizeOf(data.shape.slice(0, axis));
  const size = data.shape[axis]!;
  const width = sizeOf(data.shape.slice(axis + 1));
  const index = new Int32Array(sizeOf(shape));
  let i = 0;
  for (let row = 0; row < rows; row++) {
    for (const wanted of indices.data) {
      const from = (row * size + (wanted < 0 ? wanted + size : wanted)) * width;
      for (let column = 0; column < width; column++) index[i++] = from + column;
    }
  }
  return elementsAt(data, index, shape);
}
