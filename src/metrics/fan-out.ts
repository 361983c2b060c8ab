// How many synapses a spike reaches: the non-zero entries of its column in the composed linear map up to the
// next neurons, readouts or decoders, or up to weights that multiply currents. Exact: borders, strides and zero weights count as they are, and two paths to the
// same target (a pool whose windows overlap, a skip beside a convolution) are one synapse.
import { opNamed } from '../ops/index.ts';
import type { Fact, Synapses } from '../ops/op.ts';
import { reachOf, synapsesOf } from '../ops/synapses.ts';
import { fedByCurrents } from '../snn/network/currents.ts';
import {
  type EncoderNode,
  type LinearSnnNode,
  type Network,
  operandFacts,
  runningSources,
  type SnnNode,
  shapesOf,
  spikingLayers,
} from '../snn/network/network.ts';
import { sizeOf } from '../tensor/tensor.ts';

/** Fan-out of every element of every spiking layer: arrays of the layer's shape, by layer name. */
export function fanOuts(network: Network): ReadonlyMap<string, Float64Array> {
  const wiring = wiringOf(network);
  return new Map(
    spikingLayers(network).map((layer) => [layer.name, fanOutOf(wiring, layer.output, sizeOf(layer.shape))]),
  );
}

/** Fan-out of every element of an encoder's value, whether it spikes or enters as it is. */
export function encoderFanOut(network: Network, { output, shape }: EncoderNode): Float64Array {
  return fanOutOf(wiringOf(network), output, sizeOf(shape));
}

/** What connects the layers: linear nodes with their operands, and how many readers add up a value's currents. */
interface Wiring {
  readonly linear: readonly LinearSnnNode[];
  readonly operands: ReadonlyMap<string, readonly Fact[]>;
  readonly targets: ReadonlyMap<string, number>;
}

function wiringOf(network: Network): Wiring {
  const shapes = shapesOf(network);
  const ends = fedByCurrents(network);
  const linear = network.nodes.filter((node) => node.kind === 'linear').filter((node) => !ends.has(node));
  const operands = linear.map(
    (node) => [node.name, operandFacts(network, node, (value) => shapes.get(value)!)] as const,
  );
  const targets = new Map<string, number>();
  for (const node of network.nodes) {
    const addsUp =
      node.kind === 'neuron' || node.kind === 'readout' || node.kind === 'decoder' || isIn(ends, node);
    if (!addsUp) continue;
    for (const { value } of runningSources(node)) targets.set(value, (targets.get(value) ?? 0) + 1);
  }
  return { linear, operands: new Map(operands), targets };
}

function isIn(ends: ReadonlySet<LinearSnnNode>, node: SnnNode): boolean {
  return node.kind === 'linear' && ends.has(node);
}

function fanOutOf(wiring: Wiring, output: string, size: number): Float64Array {
  const direct = wiring.targets.get(output) ?? 0;
  const fanOut = new Float64Array(size).fill(direct);
  for (const roots of separateBranches(wiring, output)) {
    const branch = plainBranch(wiring, roots, output) ?? composedBranch(wiring, roots, output, size);
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

/** A single map behind which currents are only added to others: its own reach, once for each layer that it ends in. */
function plainBranch(wiring: Wiring, roots: readonly LinearSnnNode[], output: string): Float64Array | null {
  const [root] = roots;
  if (roots.length !== 1 || root === undefined || !isEdge(root.sources[0], output)) return null;
  const path = reachableFrom(wiring, [root]);
  if (path.slice(1).some((node) => node.op !== 'Add' || sizeOf(node.shape) !== sizeOf(root.shape)))
    return null;
  const op = opNamed(root.op)!;
  if (op.role === 'layout' || root.sources.filter((source) => 'value' in source).length > 1) return null;
  // Every Add is reached along one path only, or its column would not be the root's.
  const producers = new Set(path.map((node) => node.output));
  const joins = path
    .slice(1)
    .some((node) => node.sources.filter((s) => 'value' in s && producers.has(s.value)).length > 1);
  if (joins) return null;
  const layers = path.reduce((sum, node) => sum + (wiring.targets.get(node.output) ?? 0), 0);
  return reachOf(op, root.attributes, wiring.operands.get(root.name)!).map((reached) => reached * layers);
}

function isEdge(source: LinearSnnNode['sources'][number] | undefined, value: string): boolean {
  return source !== undefined && 'value' in source && source.value === value;
}

function reads(node: SnnNode, value: string): boolean {
  return node.kind === 'linear' && node.sources.some((source) => isEdge(source, value));
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

/** The roots and every linear node behind them up to the next neurons, in order. */
function reachableFrom(wiring: Wiring, roots: readonly LinearSnnNode[]): LinearSnnNode[] {
  const reached = new Set<string>();
  return wiring.linear.filter((node) => {
    const begins = roots.includes(node);
    if (!begins && !node.sources.some((source) => 'value' in source && reached.has(source.value)))
      return false;
    reached.add(node.output);
    return true;
  });
}
