// Concat: joins its operands along one axis.
import { type Shape, showShape, sizeOf, type TypedArray, tensor } from '../tensor/tensor.ts';
import { attributesOf, intAttribute } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { axisOf, operandsOf } from './operands.ts';

export interface ConcatAttributes {
  /** Counted from the front. */
  readonly axis: number;
}

/** https://onnx.ai/onnx/operators/onnx__Concat.html */
export const concat = defineOp<'Concat', ConcatAttributes>({
  name: 'Concat',
  role: 'layout',
  fate: 'joins currents side by side',
  tolerance: 0,
  parse(node, inputs) {
    if (inputs.length === 0) refuse(node.name, 'Concat expects inputs, found none', 'invalid-graph');
    const operands = operandsOf(node, inputs, inputs.length);
    const axis = attributesOf(node, ['axis']).int('axis');
    if (axis === undefined) refuse(node.name, 'Concat expects an axis, found none', 'invalid-graph');
    return { attributes: { axis: axisOf(node, axis, inputs[0]!.shape.length) }, operands };
  },
  infer({ axis }, operands, node) {
    const { dtype, shape } = operands[0]!;
    const fits = (fact: (typeof operands)[number]) =>
      fact.dtype === dtype &&
      fact.shape.length === shape.length &&
      fact.shape.every((dim, i) => i === axis || dim === shape[i]);
    if (!operands.every(fits)) {
      refuse(
        node,
        `Concat expects operands of one type that differ in axis ${axis} only, found ${operands.map((f) => `${f.dtype} ${showShape(f.shape)}`).join(', ')}`,
      );
    }
    return [
      {
        dtype,
        shape: joined(
          operands.map((fact) => fact.shape),
          axis,
        ),
      },
    ];
  },
  evaluate({ axis }, operands) {
    const out = tensor(
      operands[0]!.dtype,
      joined(
        operands.map((operand) => operand.shape),
        axis,
      ),
    );
    const rows = sizeOf(out.shape.slice(0, axis));
    const rowLength = out.data.length / rows;
    let offset = 0;
    for (const { data } of operands) {
      const length = data.length / rows;
      for (let row = 0; row < rows; row++) {
        (out.data as TypedArray).set(
          data.subarray(row * length, (row + 1) * length),
          row * rowLength + offset,
        );
      }
      offset += length;
    }
    return [out];
  },
  encode: ({ axis }) => ({ attributes: { axis: intAttribute(axis) } }),
});

function joined(shapes: readonly Shape[], axis: number): Shape {
  const total = shapes.reduce((sum, shape) => sum + shape[axis]!, 0);
  return shapes[0]!.with(axis, total);
}
