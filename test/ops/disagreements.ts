// Many cases of one operator at once, and what its file and ONNX Runtime disagree on.
import { expect } from 'vitest';
import { messageOf } from '../../src/errors.ts';
import type { OnnxNode } from '../../src/onnx/model.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import {
  type AttributeRecord,
  ints,
  relativeError,
  runEncoded,
  runInOnnxRuntime,
  runNode,
  string,
} from './single-node.ts';

/** What the operator file and ONNX Runtime disagree on, one line for each case; empty when all is well. */
export async function disagreements(
  cases: readonly {
    readonly label: string;
    readonly node: OnnxNode;
    readonly inputs: readonly (Tensor | null)[];
  }[],
  opset: number,
): Promise<string[]> {
  const found: string[] = [];
  for (const { label, node, inputs } of cases) {
    let expected: Tensor;
    try {
      expected = (await runInOnnxRuntime(node, inputs, opset))[0]!;
    } catch (error) {
      found.push(`${label}: ONNX Runtime: ${messageOf(error)}`);
      continue;
    }
    try {
      const run = runNode(node, inputs, opset);
      const encoded = (await runEncoded(run))[0]!;
      for (const [kind, actual] of [
        ['evaluated', run.outputs[0]!],
        ['encoded', encoded],
      ] as const) {
        if (String(actual.shape) !== String(expected.shape)) {
          found.push(`${label}: ${kind} ${actual.shape}, expected ${expected.shape}`);
        } else if (relativeError(actual, expected) > run.op.tolerance) {
          found.push(`${label}: ${kind} is off by ${relativeError(actual, expected)}`);
        }
      }
      expect(run.facts[0]!.shape).toEqual(run.outputs[0]!.shape);
    } catch (error) {
      found.push(`${label}: ${messageOf(error)}`);
    }
  }
  return found;
}

/** The attributes of a sliding window. */
export function windowAttributes(chosen: {
  readonly kernel: readonly number[];
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
  readonly dilations?: readonly number[];
  readonly autoPad?: string;
}): AttributeRecord {
  const { kernel, strides, pads, dilations, autoPad } = chosen;
  return {
    kernel_shape: ints(...kernel),
    ...(strides === undefined ? {} : { strides: ints(...strides) }),
    ...(pads === undefined ? {} : { pads: ints(...pads) }),
    ...(dilations === undefined ? {} : { dilations: ints(...dilations) }),
    ...(autoPad === undefined ? {} : { auto_pad: string(autoPad) }),
  };
}
