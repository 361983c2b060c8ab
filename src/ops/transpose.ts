// Transpose: permutes the axes.
import { gatherIndex } from '../tensor/broadcast.ts';
import { showShape, stridesOf } from '../tensor/tensor.ts';
import { attributesOf, intsAttribute } from './attributes.ts';
import { elementsAt } from './elements-at.ts';
import { defineOp, refuse } from './op.ts';
import { operandsOf } from './operands.ts';

export interface TransposeAttributes {
  /** Axis `i` of the result is axis `perm[i]` of the operand. */
  readonly perm: readonly number[];
}

/** https://onnx.ai/onnx/operators/onnx__Transpose.html */
export const transpose = defineOp<'Transpose', TransposeAttributes>({
  name: 'Transpose',
  role: 'layout',
  fate: 'reorders connections',
  tolerance: 0,
  parse(node, inputs) {
    const operands = operandsOf(node, inputs, 1);
    const { shape } = inputs[0]!;
    const perm = attributesOf(node, ['perm']).ints('perm') ?? shape.map((_, axis) => shape.length - 1 - axis);
    return { attributes: { perm }, operands };
  },
  infer({ perm }, [x], node) {
    const { dtype, shape } = x!;
    if (perm.length !== shape.length || shape.some((_, axis) => !perm.includes(axis))) {
      refuse(
        node,
        `Transpose expects a permutation of ${shape.length} axes for ${showShape(shape)}, found ${perm.join(', ')}`,
      );
    }
    return [{ dtype, shape: perm.map((axis) => shape[axis]!) }];
  },
  evaluate({ perm }, [x]) {
    const strides = stridesOf(x!.shape);
    const shape = perm.map((axis) => x!.shape[axis]!);
    const index = gatherIndex(
      shape,
      perm.map((axis) => strides[axis]!),
    );
    const moved = elementsAt(x!, index, shape);
    const { grid } = x!;
    return [grid === undefined ? moved : { ...moved, grid: { ...grid, axis: perm.indexOf(grid.axis) } }];
  },
  encode: ({ perm }) => ({ attributes: { perm: intsAttribute(perm) } }),
});
