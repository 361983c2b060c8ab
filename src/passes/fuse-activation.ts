// Before: x -> Sigmoid -> s, Mul(x, s) -> y          After: x -> Silu -> y
// An activation that an export spells out in its pieces is recognised by what it computes: the pieces are evaluated at
// many points and compared with the functions that neurons track. Operand orders, factors taken out and powers written as
// products make no difference. Conditions:
// 1. every piece acts on single numbers, with scalar constants;  2. all depend on one value of the output's shape.
import { consumersOf, type Graph, type Node, opOf, producersOf, type ValueId } from '../graph/graph.ts';
import { rewrite } from '../graph/rewrite.ts';
import { opNamed } from '../ops/index.ts';
import { type FloatTensor, floatTensor, type Tensor } from '../tensor/tensor.ts';
import type { Change, Pass } from './pass.ts';
import { conesBehind, evaluateCone, type ScalarCone } from './scalar-cone.ts';

/** An activation of ONNX or of ours, with its attributes. */
interface Activation {
  readonly op: string;
  readonly attributes: object;
}

/** An activation with what it computes of every sample. */
interface Curve {
  readonly activation: Activation;
  readonly values: Tensor['data'];
}

/**
 * Where functions are compared, in rising order: closely enough for every bend, no bend at a multiple of the step, and far out,
 * where a bound may lie.
 */
const SAMPLES = samples();

function samples(): FloatTensor {
  const near = Array.from({ length: 1281 }, (_, i) => (i - 640) / 16 + 0.01);
  const far = Array.from({ length: 60 }, (_, i) => 45 * 1.2 ** i);
  const all = [...far.map((x) => -x).reverse(), ...near, ...far];
  return floatTensor([all.length], all);
}

/** How far apart they may be at x, relative to 1 + |x|: float32 rounding of the pieces. The two forms of GELU differ by 5e-4. */
const TOLERANCE = 3e-6;

/** Functions without parameters. */
const FIXED: readonly Curve[] = [
  { op: 'Silu', attributes: {} },
  { op: 'HardSwish', attributes: {} },
  { op: 'Gelu', attributes: { approximate: 'none' } },
  { op: 'GeluTanh', attributes: {} },
  { op: 'Mish', attributes: {} },
  { op: 'HardSigmoid', attributes: { alpha: 1 / 6, beta: 0.5 } },
  { op: 'Sigmoid', attributes: {} },
  { op: 'Softplus', attributes: {} },
  { op: 'Softsign', attributes: {} },
  { op: 'Tanh', attributes: {} },
].map(curveOf);

/** Makes one node of an activation that was written in pieces. */
export const fuseActivation: Pass = {
  name: 'fuse-activation',
  summary: 'recognise activations written in pieces, such as x * Sigmoid(x), by what they compute',
  run(graph) {
    const changes: Change[] = [];
    const producers = producersOf(graph);
    const consumers = consumersOf(graph);
    const positions = new Map(graph.nodes.map((node, i) => [node, i]));
    const fused = new Map<string, { readonly node: Node; readonly cone: ScalarCone }>();
    const removed = new Set<string>();
    for (const root of [...graph.nodes].reverse()) {
      if (removed.has(root.name)) continue;
      const found = recognised(graph, producers, positions, root);
      if (found === undefined) continue;
      fused.set(root.name, found);
      for (const node of unread(graph, consumers, found.cone, root)) removed.add(node.name);
    }
    for (const [name, { node, cone }] of fused) {
      const pieces = cone.nodes.filter((piece) => piece.name !== name && removed.has(piece.name));
      const detail = cone.nodes.length === 1 ? `computes ${node.op}` : `computes ${node.op} of "${cone.x}"`;
      changes.push({ node: name, kind: 'lowered', detail });
      for (const piece of pieces) {
        changes.push({ node: piece.name, kind: 'folded', detail: `a part of ${node.op} "${name}"` });
      }
    }
    if (fused.size === 0) return { graph, changes, skipped: [] };
    const rewritten = rewrite(graph, (node) => {
      if (removed.has(node.name)) return { nodes: [] };
      const found = fused.get(node.name);
      return found === undefined ? null : { nodes: [found.node] };
    });
    return { graph: rewritten, changes, skipped: [] };
  },
};

/** The activation of the largest cone that is one. */
function recognised(
  graph: Graph,
  producers: ReadonlyMap<ValueId, Node>,
  positions: ReadonlyMap<Node, number>,
  root: Node,
): { readonly node: Node; readonly cone: ScalarCone } | undefined {
  const other = otherForm(root);
  let largest: { readonly node: Node; readonly cone: ScalarCone } | undefined;
  for (const cone of conesBehind(graph, producers, positions, root)) {
    const activation = cone.nodes.length === 1 && other !== undefined ? other : matching(graph, cone, root);
    if (activation === undefined) continue;
    const { name, outputs } = root;
    largest = { node: { ...activation, name, inputs: [cone.x], outputs } as unknown as Node, cone };
  }
  return largest;
}

/** The activation that a single node of ONNX says by an attribute and we by an operator of its own. */
function otherForm(node: Node): Activation | undefined {
  return node.op === 'Gelu' && node.attributes.approximate === 'tanh'
    ? { op: 'GeluTanh', attributes: {} }
    : undefined;
}

function matching(graph: Graph, cone: ScalarCone, root: Node): Activation | undefined {
  // What is an activation already stays as it is.
  if (opOf(root).role === 'activation') return undefined;
  const values = evaluateCone(graph, cone, SAMPLES);
  return [...FIXED, ...bent(values, root).map(curveOf)].find((curve) =>
    values.every((value, i) => agree(value, curve.values[i]!, SAMPLES.data[i]!)),
  )?.activation;
}

function curveOf(activation: Activation): Curve {
  const [result] = opNamed(activation.op)!.evaluate(activation.attributes, [SAMPLES]);
  return { activation, values: result!.data };
}

/** Functions with parameters that would pass through the ends of f: x bent at 0, and x cut off. */
function bent(values: Tensor['data'], root: Node): readonly Activation[] {
  const [first, last] = [values[0]!, values.at(-1)!];
  const [start, end] = [SAMPLES.data[0]!, SAMPLES.data.at(-1)!];
  const [freeBelow, freeAbove] = [agree(first, start, start), agree(last, end, end)];
  const alpha = single(first / start);
  const leaky = freeAbove && !freeBelow && !agree(first, 0, start);
  const cuts = root.op === 'Max' || root.op === 'Min';
  const low = freeBelow ? Number.NEGATIVE_INFINITY : first;
  const high = freeAbove ? Number.POSITIVE_INFINITY : last;
  return [
    ...(leaky ? [{ op: 'LeakyRelu', attributes: { alpha } }] : []),
    ...(cuts && low === 0 && high === Number.POSITIVE_INFINITY ? [{ op: 'Relu', attributes: {} }] : []),
    ...(cuts && low < high ? [{ op: 'Clip', attributes: { low, high } }] : []),
  ];
}

/** A number without what float32 added to it. */
function single(value: number): number {
  return +value.toPrecision(6);
}

/** Whether two functions are the same at x. */
function agree(value: number, expected: number, x: number): boolean {
  return Math.abs(value - expected) <= TOLERANCE * (1 + Math.abs(x));
}

/** The nodes of the cone that nobody reads once its root is replaced. */
function unread(
  graph: Graph,
  consumers: ReadonlyMap<ValueId, readonly Node[]>,
  { nodes }: ScalarCone,
  root: Node,
): readonly Node[] {
  const gone = new Set<Node>([root]);
  for (const node of [...nodes].reverse()) {
    const output = node.outputs[0]!;
    const readers = consumers.get(output) ?? [];
    if (!graph.outputs.includes(output) && readers.every((reader) => gone.has(reader))) gone.add(node);
  }
  gone.delete(root);
  return [...gone];
}
