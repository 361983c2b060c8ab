// One node on 8 bit integers: built, run by its operator file, and run by ONNX Runtime.
import type { OnnxNode } from '../../src/onnx/model.ts';
import { writeOnnxGraph } from '../../src/onnx/write.ts';
import { domainOf, opOfFile } from '../../src/ops/index.ts';
import type { Fact } from '../../src/ops/op.ts';
import { openSession } from '../../src/runtime/session.ts';
import { type DType, floatTensor, type Shape, type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { type AttributeRecord, constantFact, nodeOf, randomTensor, runningFact } from './single-node.ts';

/** An operator and its inputs; null leaves one out. Inputs of rank 2 and more are computed from the data. */
export interface QCase {
  readonly op: string;
  readonly inputs: readonly (Tensor | null)[];
  readonly attributes?: AttributeRecord;
}

const OPSETS = new Map([['com.microsoft', 1]]);

/** The node of a case in its own domain, called "node". */
export function qNode({ op, inputs, attributes }: QCase): OnnxNode {
  return { ...nodeOf(op, inputs, attributes), domain: domainOf(op) };
}

/** Integers of the whole range of their type, the same for the same seed. */
export function integers(dtype: 'int8' | 'uint8', shape: Shape, seed = 1): Tensor {
  const { data } = randomTensor(shape, seed);
  const middle = dtype === 'int8' ? 0 : 128;
  return tensor(
    dtype,
    shape,
    Array.from(data, (value) => Math.floor(value * 128) + middle),
  );
}

/** Whole numbers up to `reach` as the int32 bias of a layer. */
export function biasOf(shape: Shape, reach: number, seed = 1): Tensor {
  return tensor(
    'int32',
    shape,
    Array.from(randomTensor(shape, seed).data, (value) => Math.round(value * reach)),
  );
}

/** One scale, or a list of them. */
export function scales(...values: number[]): Tensor {
  return floatTensor(values.length === 1 ? [] : [values.length], values);
}

/** One zero point, or a list of them. */
export function zeros(dtype: DType, ...values: number[]): Tensor {
  return tensor(dtype, values.length === 1 ? [] : [values.length], values);
}

/** What the operator file reads, infers and evaluates. */
export function evaluateQNode(c: QCase): { readonly facts: readonly Fact[]; readonly output: Tensor } {
  const node = qNode(c);
  const op = opOfFile(node)!;
  const facts = c.inputs.map((value) => {
    if (value === null) return undefined;
    return value.shape.length > 1 ? runningFact(value) : constantFact(value);
  });
  const { attributes, operands } = op.parse(node, facts, 13);
  return {
    facts: op.infer(
      attributes,
      operands.map((index) => facts[index]!),
      node.name,
    ),
    output: op.evaluate(
      attributes,
      operands.map((index) => c.inputs[index]!),
    )[0]!,
  };
}

/** What ONNX Runtime computes; everything but the first operand is a constant of the graph. */
export async function runQNode(c: QCase): Promise<Tensor> {
  const running = c.op === 'QLinearConcat' ? 2 : 0;
  const named = c.inputs.flatMap((value, i) => (value === null ? [] : [[`in${i}`, value] as const]));
  const input = c.inputs[running]!;
  const bytes = writeOnnxGraph(
    {
      name: 'q-node',
      inputs: [{ name: `in${running}`, dtype: input.dtype, shape: input.shape }],
      outputs: [{ name: 'out0', dtype: null, shape: null }],
      nodes: [qNode(c)],
      initializers: new Map(named.filter(([name]) => name !== `in${running}`)),
    },
    { opset: 13, irVersion: 8, opsets: OPSETS },
  );
  const session = await openSession(bytes, { where: c.op, optimization: 'disabled' });
  try {
    return (await session.run(new Map([[`in${running}`, input]]))).get('out0')!;
  } finally {
    await session.release();
  }
}
