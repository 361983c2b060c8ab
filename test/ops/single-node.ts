// One node on its own: built, run by its operator file, and run by ONNX Runtime.
import type { AttributeValue, OnnxNode } from '../../src/onnx/model.ts';
import { writeOnnxGraph } from '../../src/onnx/write.ts';
import { opNamed } from '../../src/ops/index.ts';
import { EMITTED_OPSET, type Fact, type Op } from '../../src/ops/op.ts';
import { openSession } from '../../src/runtime/session.ts';
import { type Shape, type Tensor, tensor } from '../../src/tensor/tensor.ts';

export type AttributeRecord = Readonly<Record<string, AttributeValue>>;

const IR_VERSION = 8;

/** A node called "node" with inputs "in0", "in1" ...; null leaves an input out. */
export function nodeOf(
  opType: string,
  inputs: readonly unknown[],
  attributes: AttributeRecord = {},
  outputs: readonly string[] = ['out0'],
): OnnxNode {
  return {
    name: 'node',
    opType,
    domain: '',
    inputs: inputs.map((input, i) => (input === null ? '' : `in${i}`)),
    outputs,
    attributes: new Map(Object.entries(attributes)),
  };
}

export const int = (value: number): AttributeValue => ({ type: 'int', value });
export const ints = (...value: number[]): AttributeValue => ({ type: 'ints', value });
export const float = (value: number): AttributeValue => ({ type: 'float', value });
export const string = (value: string): AttributeValue => ({ type: 'string', value });

/** What is known of a tensor that is constant. */
export function constantFact(value: Tensor): Fact {
  return { dtype: value.dtype, shape: value.shape, value };
}

/** What is known of a tensor that is computed from the data. */
export function runningFact(value: Pick<Tensor, 'dtype' | 'shape'>): Fact {
  return { dtype: value.dtype, shape: value.shape };
}

export interface NodeRun {
  readonly op: Op;
  readonly attributes: unknown;
  readonly operands: readonly Tensor[];
  readonly facts: readonly Fact[];
  readonly outputs: readonly Tensor[];
}

/** Parses, infers and evaluates a node; input 0 is running data unless the operator only ever folds. */
export function runNode(node: OnnxNode, inputs: readonly (Tensor | null)[], opset: number): NodeRun {
  const op = opNamed(node.opType);
  if (op === undefined) throw new Error(`no operator ${node.opType}`);
  const facts = inputs.map((input, i) => {
    if (input === null) return undefined;
    return i === 0 && op.role !== 'constant' ? runningFact(input) : constantFact(input);
  });
  const { attributes, operands } = op.parse(node, facts, opset);
  const values = operands.map((index) => inputs[index]!);
  return {
    op,
    attributes,
    operands: values,
    facts: op.infer(
      attributes,
      operands.map((index) => facts[index]!),
      node.name,
    ),
    outputs: op.evaluate(attributes, values),
  };
}

/** Runs a node in ONNX Runtime as it stands: every input is a runtime input. */
export async function runInOnnxRuntime(
  node: OnnxNode,
  inputs: readonly (Tensor | null)[],
  opset: number,
): Promise<readonly Tensor[]> {
  const given = inputs.flatMap((value, i) => (value === null ? [] : [{ name: `in${i}`, value }]));
  const bytes = writeOnnxGraph(
    {
      name: 'single-node',
      inputs: given.map(({ name, value }) => ({ name, dtype: value.dtype, shape: value.shape })),
      outputs: node.outputs.map((name) => ({ name, dtype: null, shape: null })),
      nodes: [node],
      initializers: new Map(),
    },
    { opset, irVersion: IR_VERSION },
  );
  const session = await openSession(bytes, { where: node.opType, optimization: 'disabled' });
  const results = await session.run(new Map(given.map(({ name, value }) => [name, value])));
  await session.release();
  return node.outputs.map((name) => results.get(name)!);
}

/** Runs what the operator writes for EMITTED_OPSET in ONNX Runtime. */
export function runEncoded({ op, attributes, operands, outputs }: NodeRun): Promise<readonly Tensor[]> {
  const encoded = op.encode(attributes);
  const inputs = [...operands, ...(encoded.parameters ?? [])];
  const names = outputs.map((_, i) => `out${i}`);
  return runInOnnxRuntime(nodeOf(op.name, inputs, encoded.attributes, names), inputs, EMITTED_OPSET);
}

/** Largest difference of two tensors, relative to the largest element of `expected`; exact equality gives 0. */
export function relativeError(actual: Tensor, expected: Tensor): number {
  if (actual.data.length !== expected.data.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.data.length; i++) {
    const [a, b] = [actual.data[i]!, expected.data[i]!];
    if (Object.is(a, b) || a === b) continue;
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, Math.abs(a - b));
  }
  for (const value of expected.data) largest = Math.max(largest, Math.abs(value));
  return difference === 0 ? 0 : difference / largest;
}

/** Numbers in [-1, 1), the same for the same seed. */
export function randomTensor(shape: Shape, seed = 1): Tensor {
  let state = seed * 2654435761;
  const out = tensor('float32', shape);
  for (let i = 0; i < out.data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    out.data[i] = state / 2 ** 31;
  }
  return out;
}
