// Fan-outs where the nodes behind a value branch but never meet again, and no map joins what one before it spread: an
// element then reaches no target along two ways, so counts can be carried backwards from the ends, once for each value.
import type { ConvAttributes } from '../ops/conv.ts';
import { opNamed } from '../ops/index.ts';
import type { Fact } from '../ops/op.ts';
import { reachOf, synapsesOf } from '../ops/synapses.ts';
import type { LinearSnnNode } from '../snn/network/network.ts';
import { sizeOf } from '../tensor/tensor.ts';
import { isEdge, reads, type Wiring } from './wiring.ts';

/** How many targets each element of a value reaches. */
interface Reached {
  readonly counts: Float64Array;
  /** Which elements of the value may reach one target: none, those at other positions of one channel, or any. */
  readonly joins: Joins;
  /** Every linear node on the way. */
  readonly nodes: ReadonlySet<LinearSnnNode>;
}

type Joins = 'none' | 'positions' | 'any';

/** Operators that combine an element with its counterparts of other operands alone. */
const ELEMENTWISE: ReadonlySet<string> = new Set(['Add', 'Mul']);

/** Counts of one network, remembered by value. */
export class TreeFanOut {
  private readonly wiring: Wiring;
  private readonly known = new Map<string, Reached | null>();

  constructor(wiring: Wiring) {
    this.wiring = wiring;
  }

  /** Targets that each element of `value` reaches through one of its readers; null where paths may meet. */
  through(reader: LinearSnnNode, value: string): Float64Array | null {
    return this.pulledBack(reader, value)?.counts ?? null;
  }

  private of(value: string, size: number): Reached | null {
    const found = this.known.get(value);
    if (found !== undefined) return found;
    const made = this.added(value, size);
    this.known.set(value, made);
    return made;
  }

  /** The targets of a value itself and those behind each of its readers. */
  private added(value: string, size: number): Reached | null {
    const counts = new Float64Array(size).fill(this.wiring.targets.get(value) ?? 0);
    const nodes = new Set<LinearSnnNode>();
    let joins: Joins = 'none';
    for (const reader of this.wiring.linear.filter((node) => reads(node, value))) {
      const branch = this.pulledBack(reader, value);
      if (branch === null || [...branch.nodes].some((node) => nodes.has(node))) return null;
      for (const node of branch.nodes) nodes.add(node);
      branch.counts.forEach((count, i) => {
        counts[i]! += count;
      });
      joins = wider(joins, branch.joins);
    }
    return { counts, joins, nodes };
  }

  /** The counts behind a node, carried back to the operand that is the value. */
  private pulledBack(node: LinearSnnNode, value: string): Reached | null {
    const index = node.sources.findIndex((source) => isEdge(source, value));
    if (node.sources.filter((source) => isEdge(source, value)).length > 1) return null;
    const behind = this.of(node.output, sizeOf(node.shape));
    if (behind === null) return null;
    const op = opNamed(node.op)!;
    const moves = op.role === 'layout' || ELEMENTWISE.has(node.op);
    const operands = this.wiring.operands.get(node.name)!;
    const reach = moves ? null : reachOf(op, node.attributes, operands);
    const spread = reach?.some((reached) => reached > 1) === true;
    const apart = behind.joins === 'none' || (behind.joins === 'positions' && isPointwise(node));
    if (spread && !apart) return null;
    const nodes = new Set([node, ...behind.nodes]);
    const keeps = keepsPositions(node, operands, index);
    const own: Joins = moves ? 'none' : keeps ? 'positions' : 'any';
    const joins = wider(own, behind.joins === 'positions' && !keeps ? 'any' : behind.joins);
    const [first = 0] = behind.counts;
    if (reach !== null && index === 0 && behind.counts.every((count) => count === first)) {
      return { counts: reach.map((reached) => reached * first), joins, nodes };
    }
    const synapses = synapsesOf(op, node.attributes, index, operands);
    const counts = Float64Array.from({ length: sizeOf(operands[index]!.shape) }, (_, element) => {
      let reached = 0;
      synapses(element, (target, weight) => {
        if (weight !== 0) reached += behind.counts[target]!;
      });
      return reached;
    });
    return { counts, joins, nodes };
  }
}

function wider(a: Joins, b: Joins): Joins {
  return a === 'any' || b === 'any' ? 'any' : a === 'positions' || b === 'positions' ? 'positions' : 'none';
}

/** A convolution that spreads over channels alone. */
function isPointwise({ op, attributes }: LinearSnnNode): boolean {
  return op === 'Conv' && (attributes as ConvAttributes).kernelShape.every((size) => size === 1);
}

/** Whether elements of different channels stay apart: each channel by itself, or joined side by side. */
function keepsPositions(
  { op, attributes, shape }: LinearSnnNode,
  operands: readonly Fact[],
  index: number,
): boolean {
  if (op === 'Concat') return (attributes as { readonly axis: number }).axis === 1;
  if (ELEMENTWISE.has(op)) return true;
  const shapes = operands.map((fact) => fact.shape);
  return index === 0 && (opNamed(op)!.keepsChannels?.(attributes, shapes, [1, ...shape]) ?? false);
}
