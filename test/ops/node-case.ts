// The form of a case that is run by the operator's file and by ONNX Runtime, and how they are compared.
import { expect } from 'vitest';
import type { Tensor } from '../../src/tensor/tensor.ts';
import {
  type AttributeRecord,
  nodeOf,
  relativeError,
  runEncoded,
  runInOnnxRuntime,
  runNode,
} from './single-node.ts';

export interface NodeCase {
  readonly op: string;
  readonly opset: number;
  readonly inputs: readonly (Tensor | null)[];
  readonly attributes?: AttributeRecord;
  /** Names of the outputs, where there are several. */
  readonly outputs?: readonly string[];
}

/** Expects every output, evaluated and as written back, to be what ONNX Runtime computes. */
export async function expectAsInOnnxRuntime(c: NodeCase): Promise<void> {
  const node = nodeOf(c.op, c.inputs, c.attributes, c.outputs);
  const expected = await runInOnnxRuntime(node, c.inputs, c.opset);
  const run = runNode(node, c.inputs, c.opset);
  const written = await runEncoded(run);
  for (const [i, { dtype, shape }] of expected.entries()) {
    const fact = run.facts[i]!;
    expect({ dtype: fact.dtype, shape: fact.shape }).toEqual({ dtype, shape });
    for (const actual of [run.outputs[i]!, written[i]!]) {
      expect({ dtype: actual.dtype, shape: actual.shape }).toEqual({ dtype, shape });
      expect(relativeError(actual, expected[i]!)).toBeLessThanOrEqual(run.op.tolerance);
    }
  }
}
