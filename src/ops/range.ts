// Range: start, start + delta, ... up to but without limit.
import { tensor } from '../tensor/tensor.ts';
import { attributesOf, type NoAttributes } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { operandsOf } from './operands.ts';

/** https://onnx.ai/onnx/operators/onnx__Range.html */
export const range = defineOp<'Range', NoAttributes>({
  name: 'Range',
  role: 'constant',
  since: 11,
  fate: 'folded before conversion',
  tolerance: 0,
  parse(node, inputs) {
    attributesOf(node, []);
    return { attributes: {}, operands: operandsOf(node, inputs, 3) };
  },
  infer(_, operands, node) {
    const open = ['start', 'limit', 'delta'].filter((_, i) => operands[i]!.value === undefined);
    if (open.length > 0) {
      refuse(
        node,
        `Range expects constant ${open.join(', ')}, found them computed from the data`,
        'dynamic-shape',
      );
    }
    const [start, limit, delta] = operands.map((fact) => fact.value!.data[0]!) as [number, number, number];
    if (delta === 0) refuse(node, 'Range expects a delta other than 0, found 0', 'invalid-graph');
    return [{ dtype: operands[0]!.dtype, shape: [lengthOf(start, limit, delta)] }];
  },
  evaluate(_, operands) {
    const [start, limit, delta] = operands.map((operand) => operand.data[0]!) as [number, number, number];
    const values = Array.from({ length: lengthOf(start, limit, delta) }, (_, i) => start + i * delta);
    return [tensor(operands[0]!.dtype, [values.length], values)];
  },
  encode: () => ({ attributes: {} }),
});

function lengthOf(start: number, limit: number, delta: number): number {
  return Math.max(0, Math.ceil((limit - start) / delta));
}
