// How many synapses a spike reaches: the non-zero entries of its column in the composed linear map up to the
// next neurons, readouts or decoders, or up to weights that multiply currents. Exact: borders, strides and zero weights count as they are, and two paths to the
// same target (a pool whose windows overlap, a skip beside a convolution) are one synapse.
import { opNamed } from '../ops/index.ts';
import type { Synapses } from '../ops/op.ts';
import { synapsesOf } from '../ops/synapses.ts';
import { type EncoderNode, type LinearSnnNode, type Network, spikingLayers } from '../snn/network/network.ts';
import { sizeOf } from '../tensor/tensor.ts';
import { TreeFanOut } from './tree-fan-out.ts';
import { reachableFrom, reads, type Wiring, wiringOf } from './wiring.ts';

/** Fan-out of every element of every spiking layer: arrays of the layer's shape, by layer name. */
export function fanOuts(network: Network): ReadonlyMap<string, Float64Array> {
  const wiring = wiringOf(network);
  const trees = new TreeFanOut(wiring);
  return new Map(
    spikingLayers(network).map(({ name, output, shape }) => [
      name,
      fanOutOf(wiring, trees, output, sizeOf(shape)),
    ]),
  );
}

/** Fan-out of every element of an encoder's value, whether it spikes or enters as it is. */
export function encoderFanOut(network: Network, { output, shape }: EncoderNode): Float64Array {
  const wiring = wiringOf(network);
  return fanOutOf(wiring, new TreeFanOut(wiring), output, sizeOf(shape));
}

function fanOutOf(wiring: Wiring, trees: TreeFanOut, output: string, size: number): Float64Array {
  const direct = wiring.targets.get(output) ?? 0;
  const fanOut = new Float64Array(size).fill(direct);
  for (const roots of separateBranches(wiring, output)) {
    const branch = treeBranch(trees, roots, output) ?? composedBranch(wiring, roots, output, size);
    for (let i = 0; i < size; i++) fanOut[i]! += branch[i]!;
  }
  return fanOut;
}

/** The direct readers of a value, grouped so that branches which meet again are together. */
function separateBranches(wiring: Wiring, output: string): LinearSnnNode[][] {
  const groups: { readonly roots: LinearSnnNode[]; readonly reached: Set<string> }[] = [];
  for (const root of wiring.linear.filter((node) => reads(node, output))) {
    const reached = new Set(reachableFrom(wiring, [root]).map((node) => node.name));
    const meeting = groups.filter((group) => [...reached].some((name) => group.reached.has(name)));
    const joined = { roots: [...meeting.flatMap((group) => group.roots), root], reached };
    for (const group of meeting) {
      for (const name of group.reached) reached.add(name);
      groups.splice(groups.indexOf(group), 1);
    }
    groups.push(joined);
  }
  return groups.map((group) => group.roots);
}

/** A sparse column of the composed map at one value: weights by element, and which elements were touched. */
interface Column {
  readonly weights: Float64Array;
  readonly seen: Uint8Array;
  readonly touched: number[];
}

function emptyColumn(size: number): Column {
  return { weights: new Float64Array(size), seen: new Uint8Array(size), touched: [] };
}

/** A single root behind which no two paths meet. */
function treeBranch(trees: TreeFanOut, [root, ...others]: readonly LinearSnnNode[], output: string) {
  return others.length > 0 || root === undefined ? null : trees.through(root, output);
}

/** Any branches: one column after the other is carried through all nodes, and its non-zero ends are counted. */
function composedBranch(
  wiring: Wiring,
  roots: readonly LinearSnnNode[],
  output: string,
  size: number,
): Float64Array {
  const path = reachableFrom(wiring, roots);
  const connections = path.map((node) => ({ node, from: connectionsOf(wiring, node) }));
  const columns = new Map<string, Column>([
    [output, emptyColumn(size)],
    ...path.map((node) => [node.output, emptyColumn(sizeOf(node.shape))] as const),
  ]);
  const fanOut = new Float64Array(size);
  for (let source = 0; source < size; source++) {
    add(columns.get(output)!, source, 1);
    for (const { node, from } of connections) {
      const into = columns.get(node.output)!;
      for (const { value, synapses } of from) {
        const column = columns.get(value);
        if (column === undefined) continue;
        for (const element of column.touched) {
          const weight = column.weights[element]!;
          if (weight !== 0) synapses(element, (target, w) => add(into, target, weight * w));
        }
      }
    }
    for (const [value, column] of columns) {
      const layers = value === output ? 0 : (wiring.targets.get(value) ?? 0);
      for (const element of column.touched) {
        if (column.weights[element] !== 0) fanOut[source]! += layers;
        column.weights[element] = 0;
        column.seen[element] = 0;
      }
      column.touched.length = 0;
    }
  }
  return fanOut;
}

function connectionsOf(
  wiring: Wiring,
  node: LinearSnnNode,
): { readonly value: string; readonly synapses: Synapses }[] {
  const operands = wiring.operands.get(node.name)!;
  return node.sources.flatMap((source, i) =>
    'value' in source
      ? [{ value: source.value, synapses: synapsesOf(opNamed(node.op)!, node.attributes, i, operands) }]
      : [],
  );
}

function add(column: Column, element: number, weight: number): void {
  if (column.seen[element] === 0) {
    column.seen[element] = 1;
    column.touched.push(element);
  }
  column.weights[element]! += weight;
}
