// A graph of the Neuromorphic Intermediate Representation (NIR) as readonly data: what a file in NIR's HDF5 layout holds.
// Shapes have neither a batch nor a time axis. Several edges into a node mean the sum of what they carry.
import type { Tensor } from '../tensor/tensor.ts';
import type { FieldKind, NODE_FIELDS, NodeKind, OptionalField } from './node-kinds.ts';

/** What a node says beside NIR's own fields; backends do not depend on it. Groups are nested records. */
export type NirMetadata = { readonly [name: string]: NirMetadataValue };
export type NirMetadataValue = string | number | boolean | readonly string[] | Tensor | NirMetadata;

type FieldValue<F extends FieldKind> = F extends 'array'
  ? Tensor
  : F extends 'dims'
    ? readonly number[]
    : F extends 'pair'
      ? readonly [number, number]
      : F extends 'padding-pair'
        ? readonly [number, number] | 'same' | 'valid'
        : F extends 'padding-single'
          ? number | 'same' | 'valid'
          : number;

type Fields<K extends NodeKind> = (typeof NODE_FIELDS)[K];
type FieldsOf<K extends NodeKind> = {
  readonly [F in Exclude<keyof Fields<K>, OptionalField>]: FieldValue<Fields<K>[F] & FieldKind>;
} & {
  readonly [F in Extract<keyof Fields<K>, OptionalField>]?: FieldValue<Fields<K>[F] & FieldKind>;
};

/** One primitive of NIR: its kind, its datasets under NIR's names, and metadata. */
export type NirNodeOf<K extends NodeKind> = K extends NodeKind
  ? { readonly type: K; readonly metadata?: NirMetadata } & FieldsOf<K>
  : never;

export type NirPrimitive = NirNodeOf<NodeKind>;
/** A node is a primitive or a graph in its place. */
export type NirNode = NirPrimitive | NirSubgraph;

/** From the node of the first name to that of the second. */
export type NirEdge = readonly [string, string];

export interface NirSubgraph {
  readonly type: 'NIRGraph';
  readonly nodes: ReadonlyMap<string, NirNode>;
  readonly edges: readonly NirEdge[];
  readonly metadata?: NirMetadata;
}

/** The graph of a file. */
export interface NirGraph extends NirSubgraph {
  /** Version of NIR that the file states; null where it states none. */
  readonly version: string | null;
}
