// The form of a case that is refused, and how it is run.
import { expect } from 'vitest';
import { Ann2SnnError, type ErrorCode } from '../../src/errors.ts';
import { opNamed } from '../../src/ops/index.ts';
import type { Fact } from '../../src/ops/op.ts';
import { type AttributeRecord, constantFact, nodeOf, randomTensor, runningFact } from './single-node.ts';

export interface RefusedCase {
  readonly op: string;
  readonly why: string;
  readonly code: ErrorCode;
  readonly message: RegExp;
  readonly inputs: readonly (Fact | null)[];
  readonly attributes?: AttributeRecord;
  readonly outputs?: readonly string[];
  readonly opset?: number;
}

/** A float32 operand computed from the data. */
export const running = (...shape: number[]): Fact => runningFact(randomTensor(shape));

/** A constant float32 operand. */
export const weights = (...shape: number[]): Fact => constantFact(randomTensor(shape));

/** Reads the node and infers its result; expects the refusal, at the node, in the words given. */
export function expectRefusal(c: RefusedCase): void {
  const op = opNamed(c.op)!;
  const node = nodeOf(c.op, c.inputs, c.attributes, c.outputs);
  const inputs = c.inputs.map((fact) => fact ?? undefined);
  const run = () => {
    const { attributes, operands } = op.parse(node, inputs, c.opset ?? 13);
    op.infer(
      attributes,
      operands.map((i) => inputs[i]!),
      node.name,
    );
  };
  expect(run).toThrow(Ann2SnnError);
  expect(run).toThrow(c.message);
  expect(run).toThrow(expect.objectContaining({ code: c.code }));
  expect(run).toThrow(/^node: /);
}
