// Declarations of onnx.js, written by hand from ../onnx-subset.proto.
import type { Reader, Writer } from 'protobufjs/minimal.js';

/** A 64-bit integer: a Long when decoded; a number or its two 32-bit halves when written. */
export type Int64 = number | { readonly low: number; readonly high: number; readonly unsigned: boolean };

/**
 * What `encode` takes: any message with any of its fields left out.
 * A decoded message answers every field, absent ones with a default; `Object.hasOwn` tells whether it was set.
 */
export type Draft<T> = T extends Int64 | string | Uint8Array
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Draft<Item>[]
    : T extends object
      ? { readonly [K in keyof T]?: Draft<T[K]> | undefined }
      : T;

export interface Codec<Message> {
  decode(source: Reader | Uint8Array): Message;
  encode(message: Draft<Message>): Writer;
}

export interface ModelProto {
  irVersion: Int64;
  producerName: string;
  graph: GraphProto | null;
  opsetImport: OperatorSetIdProto[];
  metadataProps: StringStringEntryProto[];
  functions: FunctionProto[];
}

export interface FunctionProto {
  name: string;
  input: string[];
  output: string[];
  node: NodeProto[];
  opsetImport: OperatorSetIdProto[];
  domain: string;
}

export interface OperatorSetIdProto {
  domain: string;
  version: Int64;
}

export interface StringStringEntryProto {
  key: string;
  value: string;
}

export interface GraphProto {
  node: NodeProto[];
  name: string;
  initializer: TensorProto[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
  sparseInitializer: SparseTensorProto[];
}

export interface NodeProto {
  input: string[];
  output: string[];
  name: string;
  opType: string;
  attribute: AttributeProto[];
  domain: string;
}

export interface AttributeProto {
  name: string;
  f: number;
  i: Int64;
  s: Uint8Array;
  t: TensorProto | null;
  g: GraphProto | null;
  floats: number[];
  ints: Int64[];
  strings: Uint8Array[];
  type: number;
  refAttrName: string;
}

export interface TensorProto {
  dims: Int64[];
  dataType: number;
  floatData: number[];
  int32Data: number[];
  int64Data: Int64[];
  name: string;
  rawData: Uint8Array;
  doubleData: number[];
  uint64Data: Int64[];
  externalData: StringStringEntryProto[];
  dataLocation: number;
}

export interface SparseTensorProto {
  values: TensorProto | null;
}

export interface ValueInfoProto {
  name: string;
  type: TypeProto | null;
}

export interface TypeProto {
  tensorType: TypeProto.Tensor | null;
}

export namespace TypeProto {
  interface Tensor {
    elemType: number;
    shape: TensorShapeProto | null;
  }
}

export interface TensorShapeProto {
  dim: TensorShapeProto.Dimension[];
}

export namespace TensorShapeProto {
  interface Dimension {
    dimValue: Int64 | null;
    dimParam: string | null;
  }
}

export const onnx: {
  readonly ModelProto: Codec<ModelProto>;
  readonly TensorProto: Codec<TensorProto>;
};
