// How many synapses a spike reaches: the non-zero entries of its column in the composed linear map up to the
// next neurons or readouts. Exact: borders, strides and zero weights count as they are, and two paths to the
// same target (a pool whose windows overlap, a skip beside a convolution) are one synapse.
import { opNamed } from '../ops/index.ts';
import type { Fact, Synapses } from '../ops/op.ts';
import { synapsesOf } from '../ops/synapses.ts';
import { type LinearSnnNode, type Network, spikingLayers } from '../snn/network.ts';
import { sizeOf } from '../tensor/tensor.ts';

/** Fan-out of every element of every spiking layer: arrays of the layer's shape, by layer name. */
export function fanOuts(network: Network): ReadonlyMap<string, Float64Array> {
  const linear = network.nodes.filter((node) => node.kind === 'linear');
  const connections = new Map(linear.map((node) => [node.name, connectionsOf(network, node)] as const));
  const readers = new Map<string, number>();
  for (const node of network.nodes) {
    if (node.kind !== 'neuron' && node.kind !== 'readout') continue;
    readers.set(node.source.value, (readers.get(node.source.value) ?? 0) + 1);
  }
  return new Map(
    spikingLayers(network).map((layer) => [
      layer.name,
      fanOutOf(layer.output, sizeOf(layer.shape), linear, connections, readers),
    ]),
  );
}

/** The synapses from each running source of a linear node, by the source's name. */
type Connections = readonly { readonly value: string; readonly synapses: Synapses }[];

function connectionsOf(network: Network, node: LinearSnnNode): Connections {
  const shapes = new Map(
    network.nodes.flatMap((n) => (n.kind === 'readout' ? [] : [[n.output, n.shape] as const])),
  );
  const operands = node.sources.map((source): Fact => {
    if ('value' in source) return { dtype: 'float32', shape: [1, ...shapes.get(source.value)!] };
    const value = network.constants.get(source.constant)!;
    return { dtype: value.dtype, shape: value.shape, value };
  });
  return node.sources.flatMap((source, i) =>
    'value' in source
      ? [{ value: source.value, synapses: synapsesOf(opNamed(node.op)!, node.attributes, i, operands) }]
      : [],
  );
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

function fanOutOf(
  output: string,
  size: number,
  linear: readonly LinearSnnNode[],
  connections: ReadonlyMap<string, Connections>,
  readers: ReadonlyMap<string, number>,
): Float64Array {
  const path = reachableFrom(output, linear, connections);
  const columns = new Map<string, Column>([
    [output, emptyColumn(size)],
    ...path.map((node) => [node.output, emptyColumn(sizeOf(node.shape))] as const),
  ]);
  const fanOut = new Float64Array(size);
  for (let source = 0; source < size; source++) {
    add(columns.get(output)!, source, 1);
    for (const node of path) {
      const into = columns.get(node.output)!;
      for (const { value, synapses } of connections.get(node.name)!) {
        const from = columns.get(value);
        if (from === undefined) continue;
        for (const element of from.touched) {
          const weight = from.weights[element]!;
          if (weight !== 0) synapses(element, (target, w) => add(into, target, weight * w));
        }
      }
    }
    for (const [value, column] of columns) {
      const layers = readers.get(value) ?? 0;
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

function add(column: Column, element: number, weight: number): void {
  if (column.seen[element] === 0) {
    column.seen[element] = 1;
    column.touched.push(element);
  }
  column.weights[element]! += weight;
}

/** The linear nodes between a layer and the next neurons, in order. */
function reachableFrom(
  output: string,
  linear: readonly LinearSnnNode[],
  connections: ReadonlyMap<string, Connections>,
): LinearSnnNode[] {
  const reached = new Set([output]);
  return linear.filter((node) => {
    if (!connections.get(node.name)!.some(({ value }) => reached.has(value))) return false;
    reached.add(node.output);
    return true;
  });
}
