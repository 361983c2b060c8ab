// A chain of nodes of one operand each that takes the place of a single one: the first keeps its name, the last its output.
import type { Graph, Node, ValueId } from '../graph/graph.ts';
import { freshNode, freshValue } from '../graph/rewrite.ts';
import { type Shape, sameShape } from '../tensor/tensor.ts';

/** One step of a chain: an operator with its attributes. */
type Step = {
  [N in Node as N['op']]: { readonly op: N['op']; readonly attributes: N['attributes'] };
}[Node['op']];

/** The steps as nodes, from the first input of `node` to its first output. */
export function unaryChain(graph: Graph, node: Node, steps: readonly Step[]): Node[] {
  let value: ValueId = node.inputs[0]!;
  return steps.map((step, i): Node => {
    const input = value;
    const name = i === 0 ? node.name : freshNode(graph, `${node.name}/${step.op.toLowerCase()}${i}`);
    value = i === steps.length - 1 ? node.outputs[0]! : freshValue(graph, `${node.name}.step${i}`);
    return { name, ...step, inputs: [input], outputs: [value] } as Node;
  });
}

/** A Reshape to `shape`, or no step where that is the shape already. */
export function reshapeStep(from: Shape, shape: Shape): Step[] {
  return sameShape(from, shape) ? [] : [{ op: 'Reshape', attributes: { shape, allowZero: false } }];
}

/** A Transpose, or no step where it leaves every axis in its place. */
export function transposeStep(perm: readonly number[]): Step[] {
  return perm.every((axis, i) => axis === i) ? [] : [{ op: 'Transpose', attributes: { perm } }];
}

/** A MaxPool over all of the spatial axes, which are of sizes `kernelShape`. */
export function wholePoolStep(kernelShape: Shape): Step {
  const all = (value: number, times = 1) => new Array<number>(times * kernelShape.length).fill(value);
  return {
    op: 'MaxPool',
    attributes: {
      kernelShape,
      strides: all(1),
      dilations: all(1),
      pads: all(0, 2),
      autoPad: 'NOTSET',
      ceilMode: false,
    },
  };
}
