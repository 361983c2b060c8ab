// What a few nodes compute of one value when all that they do to it is arithmetic on each number by itself: a function of
// one variable, whatever the order in which an exporter wrote its pieces.
import { factOf, type Graph, type Node, opOf, type ValueId } from '../graph/graph.ts';
import { floatTensor, sameShape, sizeOf, type Tensor } from '../tensor/tensor.ts';

/** The nodes between a value x and the output of the last of them, in the graph's order; all depend on x alone. */
export interface ScalarCone {
  readonly x: ValueId;
  readonly nodes: readonly Node[];
}

/** Operators on single numbers besides the activations. */
const ARITHMETIC: ReadonlySet<string> = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Sum', 'Neg', 'Abs', 'Min', 'Max'],
  ...['Pow', 'Sqrt', 'Exp', 'Log', 'Erf', 'Reciprocal'],
]);

/** The longest form of an activation that is looked for. */
const MOST_NODES = 16;

/**
 * Every cone that ends at `root`, the smallest first: its inputs are followed back, the last computed first, and wherever a
 * single value is left that is x.
 */
export function* conesBehind(
  graph: Graph,
  producers: ReadonlyMap<ValueId, Node>,
  positions: ReadonlyMap<Node, number>,
  root: Node,
): Generator<ScalarCone> {
  const { shape } = factOf(graph, root.outputs[0]!);
  const fits = (node: Node | undefined): node is Node =>
    node !== undefined && isScalar(graph, node) && sameShape(factOf(graph, node.outputs[0]!).shape, shape);
  const running = (node: Node) => node.inputs.filter((input) => !graph.constants.has(input));
  if (!fits(root)) return;
  const nodes = [root];
  const frontier = new Set(running(root));
  while (nodes.length <= MOST_NODES) {
    const [only] = frontier;
    if (frontier.size === 1 && sameShape(factOf(graph, only!).shape, shape)) {
      yield { x: only!, nodes: [...nodes].sort((a, b) => positions.get(a)! - positions.get(b)!) };
    }
    const position = (value: ValueId) => positions.get(producers.get(value)!) ?? -1;
    const latest = [...frontier].sort((a, b) => position(b) - position(a))[0];
    const producer = latest === undefined ? undefined : producers.get(latest);
    if (!fits(producer)) return;
    frontier.delete(latest!);
    for (const input of running(producer)) frontier.add(input);
    nodes.push(producer);
  }
}

/** f of every sample. */
export function evaluateCone(graph: Graph, { x, nodes }: ScalarCone, samples: Tensor): Tensor['data'] {
  const values = new Map<ValueId, Tensor>([[x, samples]]);
  for (const node of nodes) {
    const operands = node.inputs.map(
      (input) => values.get(input) ?? floatTensor([], [graph.constants.get(input)!.data[0]!]),
    );
    const [value] = opOf(node).evaluate(node.attributes, operands);
    values.set(node.outputs[0]!, value!);
  }
  return values.get(nodes.at(-1)!.outputs[0]!)!.data;
}

/** Whether a node does the same to every number: no constant among its operands has more than one. */
function isScalar(graph: Graph, node: Node): boolean {
  if (node.op === 'PRelu' || !(ARITHMETIC.has(node.op) || opOf(node).role === 'activation')) return false;
  return node.inputs.every((input) => {
    const { dtype, shape } = factOf(graph, input);
    return dtype === 'float32' && (!graph.constants.has(input) || sizeOf(shape) === 1);
  });
}
