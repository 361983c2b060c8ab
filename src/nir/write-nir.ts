// A NIR graph as the bytes of a file: HDF5 groups and datasets in the layout that NIR's own reader expects.
import { type Tensor, tensor } from '../tensor/tensor.ts';
import type { NirGraph, NirMetadata, NirMetadataValue, NirNode, NirSubgraph } from './graph.ts';
import { type Hdf5Dataset, type Hdf5Group, type Hdf5Strings, writeHdf5 } from './hdf5.ts';
import { type FieldKind, NODE_FIELDS } from './node-kinds.ts';

/**
 * The bytes of the file: the same graph, in the same order, gives the same bytes. Names of nodes and of metadata are those of
 * HDF5 links: without "/", not empty, not ".".
 */
export async function writeNir(graph: NirGraph): Promise<Uint8Array> {
  const root = new Map<string, Hdf5Group | Hdf5Dataset>([['node', graphGroup(graph)]]);
  if (graph.version !== null) root.set('version', text(graph.version));
  return writeHdf5(root);
}

function graphGroup({ nodes, edges, metadata }: NirSubgraph): Hdf5Group {
  const group = new Map<string, Hdf5Group | Hdf5Dataset>([
    ['type', text('NIRGraph')],
    ['nodes', new Map([...nodes].map(([name, node]) => [name, nodeGroup(node)] as const))],
    ['edges', { dtype: 'string', shape: [edges.length, 2], data: edges.flat() }],
  ]);
  if (metadata !== undefined) group.set('metadata', metadataGroup(metadata));
  return group;
}

function nodeGroup(node: NirNode): Hdf5Group {
  if (node.type === 'NIRGraph') return graphGroup(node);
  const group = new Map<string, Hdf5Group | Hdf5Dataset>([['type', text(node.type)]]);
  const values = node as unknown as Readonly<Record<string, unknown>>;
  for (const [field, kind] of Object.entries<FieldKind>(NODE_FIELDS[node.type])) {
    const value = values[field];
    if (value !== undefined) group.set(field, dataset(kind, value));
  }
  if (node.metadata !== undefined) group.set('metadata', metadataGroup(node.metadata));
  return group;
}

function dataset(kind: FieldKind, value: unknown): Hdf5Dataset {
  if (typeof value === 'string') return text(value);
  if (kind === 'array') return value as Tensor;
  if (typeof value === 'number') return tensor('int64', [], [value]);
  const numbers = value as readonly number[];
  return tensor('int64', [numbers.length], numbers);
}

function metadataGroup(metadata: NirMetadata): Hdf5Group {
  return new Map(Object.entries(metadata).map(([name, value]) => [name, metadataMember(value)] as const));
}

function metadataMember(value: NirMetadataValue): Hdf5Group | Hdf5Dataset {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'boolean') return tensor('uint8', [], [value ? 1 : 0]);
  if (typeof value === 'number') {
    return tensor(Number.isSafeInteger(value) ? 'int64' : 'float64', [], [value]);
  }
  if (Array.isArray(value))
    return { dtype: 'string', shape: [value.length], data: value as readonly string[] };
  const rest = value as Tensor | NirMetadata;
  return isTensor(rest) ? rest : metadataGroup(rest);
}

function isTensor(value: Tensor | NirMetadata): value is Tensor {
  return ArrayBuffer.isView(value.data);
}

function text(value: string): Hdf5Strings {
  return { dtype: 'string', shape: [], data: [value] };
}
