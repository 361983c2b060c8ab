// The little that a neuron needs to write itself as ONNX nodes.

/** Appends nodes to an ONNX graph under construction. */
export interface OnnxEmitter {
  /** Adds a one-output node of the standard operator set and returns the name of its output. */
  node(op: string, inputs: readonly string[]): string;
  /** Adds a float32 scalar constant and returns its name. */
  scalar(value: number): string;
}
