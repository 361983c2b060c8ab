// Decisions of neurons as ONNX nodes.
import { elementCode } from '../onnx/element-types.ts';
import { intAttribute as int } from '../ops/attributes.ts';
import type { GraphBuilder } from '../snn/onnx/builder.ts';

/** 1 where the potential has reached the threshold, else 0. */
export function atLeast(b: GraphBuilder, v: string, threshold: string): string {
  return asNumber(b, b.node('GreaterOrEqual', [v, threshold]));
}

/** 1 where a condition holds, else 0. */
export function asNumber(b: GraphBuilder, condition: string): string {
  return b.node('Cast', [condition], { to: int(elementCode('float32')) });
}
