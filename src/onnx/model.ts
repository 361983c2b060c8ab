// An ONNX file, decoded: names and values as the file has them, nothing interpreted yet.
import type { DType, Tensor } from '../tensor/tensor.ts';

/** A dimension: a number, a symbol such as "N", or null where the file says nothing. */
export type Dim = number | string | null;

/** The declared type of a graph input or output; `shape` is null when the file gives none. */
export interface ValueInfo {
  readonly name: string;
  /** null when the file declares no tensor type. float16 and bfloat16 are declared as float32 (see `half`). */
  readonly dtype: DType | null;
  readonly shape: readonly Dim[] | null;
  /** True when the file's own element type is float16 or bfloat16. */
  readonly half?: boolean;
}

/** An attribute's value. Strings are decoded from UTF-8, int64 are plain numbers. */
export type AttributeValue =
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'ints'; readonly value: readonly number[] }
  | { readonly type: 'floats'; readonly value: readonly number[] }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'tensor'; readonly value: Tensor }
  /** graph, sparse tensor and the like: kept only so that they can be refused by name. */
  | { readonly type: 'other'; readonly value: string };

/** One node. `name` is unique in its graph: an unnamed or doubly named node is called `<Op>_<index>`. */
export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  /** '' is the standard domain ("ai.onnx" is read as ''). */
  readonly domain: string;
  /** An omitted optional input or output is the empty string. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

/** A decoded model: its graph, opset and where it came from. */
export interface OnnxModel {
  readonly irVersion: number;
  /** Version of the standard operator set. */
  readonly opset: number;
  /** Every imported operator set, by domain. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly producer: string;
  readonly graphName: string;
  /** Runtime inputs only: weights that old exporters also list as inputs are left out. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, Tensor>;
}
