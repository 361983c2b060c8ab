// The connectivity of any linear operator: what it says itself, or, for layout operators, what follows from
// where `evaluate` moves the elements.
import { floatTensor, sizeOf, tensor } from '../tensor/tensor.ts';
import type { Fact, Op, Synapses } from './op.ts';

/**
 * The connections from operand `index` to the output of one image (batch of 1).
 * @param operands facts with a batch of 1; constants carry their value
 */
export function synapsesOf(op: Op, attributes: unknown, index: number, operands: readonly Fact[]): Synapses {
  const output = op.infer(attributes, operands, op.name)[0]!.shape;
  if (op.synapses !== undefined) return op.synapses(attributes, index, operands, output);
  if (op.role !== 'layout') throw new RangeError(`${op.name} does not say how it connects`);
  return movedElements(op, attributes, index, operands);
}

/** Numbers the elements of the operand from 1, lets the operator move them, and reads where each number went. */
function movedElements(op: Op, attributes: unknown, index: number, operands: readonly Fact[]): Synapses {
  const size = sizeOf(operands[index]!.shape);
  const numbered = operands.map((fact, i) => {
    if (i !== index) return fact.value ?? floatTensor(fact.shape);
    return tensor(
      'float64',
      fact.shape,
      Float64Array.from({ length: size }, (_, element) => element + 1),
    );
  });
  const moved = op.evaluate(attributes, numbered)[0]!.data;
  const targets: number[][] = Array.from({ length: size }, () => []);
  moved.forEach((number, target) => {
    if (number !== 0) targets[number - 1]!.push(target);
  });
  return (source, visit) => {
    for (const target of targets[source]!) visit(target, 1);
  };
}

/** How many output elements each element of operand 0 reaches with a non-zero weight. */
export function reachOf(op: Op, attributes: unknown, operands: readonly Fact[]): Float64Array {
  if (op.fanOut !== undefined) return op.fanOut(attributes, operands);
  const synapses = synapsesOf(op, attributes, 0, operands);
  return Float64Array.from({ length: sizeOf(operands[0]!.shape) }, (_, element) => {
    let reached = 0;
    synapses(element, () => {
      reached++;
    });
    return reached;
  });
}
